"""The content an assessment stands on: cards, scale, expert scorecard, product, with hashes."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from techflow.credit import Card, Expert, MasterScale
from techflow.credit.register import Entry
from techflow.flow import QUALIFICATIONS, laws_for
from techflow.policy import Law
from techflow.pricing import Terms
from techflow_service.assessing.technology import Technology
from techflow_service.cards import (
    card_folder,
    load_cards,
    load_expert,
    load_register,
    load_scale,
    read_recipe,
)
from techflow_service.policies import load_laws
from techflow_service.registering import describe_entry

CONTENT = Path(str(files("techflow_content")))
PRODUCT = "products/working_capital"
CARD_FILES = ("card.toml", "fitted.json")
LAW_FILES = ("rule.py", "params.toml", "facts.toml")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that is not evidence.

    Attributes:
        cards: Fitted cards, in the order in which they are asked.
        scale: The master scale.
        expert: The expert scorecard.
        terms: The loan product's dated numbers.
        technology: What technology flow and patents are judged by.
        laws: The policies of qualifications, by id, with those whose answers they use.
        hashes: Folder of content -> its fingerprint.
        register: Register entry of every card, by id. An approval changes no number, so it is
            in no fingerprint.
    """

    cards: tuple[Card, ...]
    scale: MasterScale
    expert: Expert
    terms: Terms
    technology: Technology
    laws: Mapping[str, Law]
    hashes: Mapping[str, str]
    register: Mapping[str, Entry]

    def in_use(self, on: date) -> "Content":
        """The same without the cards that are retired on a day and have an heir here.

        Raises:
            InvalidInput: A card is retired and what replaces it is not here or retired too:
                its firms would lose their grade without a word.
        """
        ended = [card for card in self.cards if self._is_retired(card.id, on)]
        kept = tuple(card for card in self.cards if card not in ended)
        heirs = {self.expert.id, *(card.id for card in kept)}
        for card in ended:
            end = self.register[card.id].retirement
            if end and end.replaced_by not in heirs:
                self.register[card.id].require_in_use(on)
        gone = {f"models/{card_folder(card.id).name}" for card in ended}
        hashes = {name: value for name, value in self.hashes.items() if name not in gone}
        return replace(self, cards=kept, hashes=hashes)

    def _is_retired(self, card_id: str, on: date) -> bool:
        end = self.register[card_id].retirement
        return end is not None and on >= end.on

    def describe_cards(self, on: date) -> list[dict[str, Any]]:
        """For the run record: each card's recipe, what was fitted, what the register says.

        Raises:
            InvalidInput: A card is retired on that day: no result is recorded with one.
        """
        for card in self.cards:
            self.register[card.id].require_in_use(on)
        return [
            {
                "card_id": card.id,
                "hash": card.hash,
                "recipe": read_recipe(card.id),
                "fitted": card.fitted,
                "register": describe_entry(self.register[card.id], card, on),
            }
            for card in self.cards
        ]

    def describe_scale(self) -> dict[str, Any]:
        """For the run record: the master scale, best grade first."""
        return asdict(self.scale)

    def describe_expert(self) -> dict[str, Any]:
        """For the run record: the expert scorecard's name, mark and limits."""
        expert = self.expert
        return {
            "card_id": expert.id,
            "hash": expert.hash,
            "mark": expert.mark,
            "label": asdict(expert.label),
            "limits": asdict(expert.limits),
            "levels": [asdict(level) for level in expert.levels],
        }

    def describe_terms(self, on: date) -> list[dict[str, Any]]:
        """For the run record: each number in force with its source and mark."""
        return [asdict(term) for term in self.terms.in_force(on)]


def load_content(*, register: Path | None = None) -> Content:
    """The content that comes with the installation.

    Args:
        register: Folder with register entries of one's own.
    """
    cards = load_cards()
    folders = {f"models/{card_folder(card.id).name}": CARD_FILES for card in cards}
    hashes = {name: hash_files(CONTENT / name, kept) for name, kept in folders.items()}
    hashes["models"] = hash_files(CONTENT / "models", ("*.toml",))
    hashes[PRODUCT] = hash_files(CONTENT / PRODUCT, ("*.toml",))
    hashes["products"] = hash_files(CONTENT / "products", ("*/*.toml",))
    params = tomllib.loads((CONTENT / PRODUCT / "params.toml").read_text("utf8"))
    laws = {law.id: law for law in laws_for(load_laws(), QUALIFICATIONS)}
    hashes |= _hash_laws(laws)
    opinion, entries = (cards, load_scale(), load_expert()), load_register(register)
    technology, terms = Technology.load(), Terms.from_data(params)
    return Content(*opinion, terms, technology, laws, hashes, entries)


def _hash_laws(laws: Mapping[str, Law]) -> dict[str, str]:
    """Folder of each policy, and of the dictionary of facts, -> its fingerprint."""
    folders = ["policies/" + name.replace(".", "/") for name in sorted(laws)]
    folders += sorted({folder.rpartition("/")[0] for folder in folders})
    return {name: hash_files(CONTENT / name, LAW_FILES) for name in folders}


def hash_files(folder: Path, patterns: tuple[str, ...]) -> str:
    """SHA-256 over the names and bytes of the files of a folder.

    Args:
        folder: Where they are; folders inside are not entered.
        patterns: File names or patterns that count.
    """
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def write_json(path: Path, body: Mapping[str, Any]) -> None:
    """Write one JSON object, readable, days and moments as ISO text."""
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str) + "\n", "utf8")
