"""The content an assessment stands on: cards, scale, expert scorecard, product, with hashes."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from techflow.credit import Card, Expert, MasterScale
from techflow.flow import QUALIFICATIONS, laws_for
from techflow.policy import Law
from techflow.pricing import Terms
from techflow_service.assessing.technology import Technology
from techflow_service.cards import card_folder, load_cards, load_expert, load_scale, read_recipe
from techflow_service.policies import load_laws

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
    """

    cards: tuple[Card, ...]
    scale: MasterScale
    expert: Expert
    terms: Terms
    technology: Technology
    laws: Mapping[str, Law]
    hashes: Mapping[str, str]

    def describe_cards(self) -> list[dict[str, Any]]:
        """For the run record: each card's recipe and what was fitted."""
        return [
            {
                "card_id": card.id,
                "hash": card.hash,
                "recipe": read_recipe(card.id),
                "fitted": card.fitted,
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


def load_content() -> Content:
    """The content that comes with the installation."""
    cards = load_cards()
    folders = {f"models/{card_folder(card.id).name}": CARD_FILES for card in cards}
    hashes = {name: hash_files(CONTENT / name, kept) for name, kept in folders.items()}
    hashes["models"] = hash_files(CONTENT / "models", ("*.toml",))
    hashes[PRODUCT] = hash_files(CONTENT / PRODUCT, ("*.toml",))
    params = tomllib.loads((CONTENT / PRODUCT / "params.toml").read_text("utf8"))
    laws = {law.id: law for law in laws_for(load_laws(), QUALIFICATIONS)}
    hashes |= _hash_laws(laws)
    opinion = (cards, load_scale(), load_expert())
    return Content(*opinion, Terms.from_data(params), Technology.load(), laws, hashes)


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
