"""Reading cards, the master scale and the expert grade from their content folders."""

import json
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.credit import Card, Expert, GrowthCard, LossCard, MasterScale, TreeCard
from techflow.credit.register import Entry
from techflow_service.models import MODELS, read_model

AnyCard = Card | TreeCard | LossCard | GrowthCard
KINDS: Mapping[str, type[AnyCard]] = {
    "lines": Card,
    "trees": TreeCard,
    "two-part": LossCard,
    "quantiles": GrowthCard,
}
"""Form of a card by the learner its recipe asks for; lines are fitted on a store, the others on
raw rows."""


def card_ids() -> tuple[str, ...]:
    """Ids of every card that comes with the installation, in order."""
    folders = (item for item in MODELS.iterdir() if item.is_dir())
    return tuple(sorted(f.name.replace("_", "-") for f in folders if (f / "card.toml").is_file()))


def card_folder(card_id: str) -> Traversable:
    """Folder of a card.

    Raises:
        InvalidInput: No such card.
    """
    if card_id not in card_ids():
        raise InvalidInput(f"no card {card_id}; there are {', '.join(card_ids())}")
    return MODELS / card_id.replace("-", "_")


def read_recipe(card_id: str) -> dict[str, Any]:
    """The recipe of a card: everything people decided before anything was fitted."""
    return tomllib.loads((card_folder(card_id) / "card.toml").read_text("utf8"))


def load_card(card_id: str, *, fitted: Path | None = None) -> AnyCard:
    """A card ready to score.

    Args:
        card_id: Such as `korea-distress`.
        fitted: A `fitted.json` of one's own instead of the one that comes with the card.

    Raises:
        InvalidInput: No such card, or it has never been fitted.
    """
    path: Path | Traversable = fitted or card_folder(card_id) / "fitted.json"
    if not path.is_file():
        raise InvalidInput(f"card {card_id} has no {path}; run `techflow credit train {card_id}`")
    recipe = read_recipe(card_id)
    kind = KINDS[recipe["fit"].get("learner", "lines")]
    return kind.from_data({**recipe, "fitted": json.loads(path.read_text("utf8"))})


def load_every_card() -> tuple[AnyCard, ...]:
    """Every card that comes with the installation and has been fitted."""
    ready = (name for name in card_ids() if (card_folder(name) / "fitted.json").is_file())
    return tuple(load_card(name) for name in ready)


def load_register(own: Path | None = None) -> dict[str, Entry]:
    """The register entry of every card that comes with the installation.

    Args:
        own: Folder with entries of one's own, `CARD.toml` each, that stand instead.

    Raises:
        InvalidInput: The folder or an entry is not as it must be.
    """
    mine = {} if own is None else _own_entries(own)
    entries = {
        name: _read_entry(name, mine.get(name) or card_folder(name) / "register.toml")
        for name in card_ids()
    }
    heirs = (*card_ids(), load_expert().id)
    for name, entry in entries.items():
        end = entry.retirement
        if end and end.replaced_by not in heirs:
            raise InvalidInput(
                f"register of {name}: retired.replaced_by must be one of {', '.join(heirs)}; "
                f"got {end.replaced_by!r}"
            )
    return entries


def _own_entries(own: Path) -> dict[str, Path]:
    if not own.is_dir():
        raise InvalidInput(f"the register must be a folder of CARD.toml files; {own} is none")
    found = {path.stem: path for path in sorted(own.glob("*.toml"))}
    if strange := sorted(set(found) - set(card_ids())):
        raise InvalidInput(
            f"{own} has entries for {', '.join(strange)}; there are cards {', '.join(card_ids())}"
        )
    return found


def _read_entry(card_id: str, path: Path | Traversable) -> Entry:
    if not path.is_file():
        raise InvalidInput(f"card {card_id} has no register.toml; docs/monitoring.md says what for")
    try:
        return Entry.from_data(card_id, tomllib.loads(path.read_text("utf8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"register of {card_id}: {path} is no TOML file ({error})") from error


def load_cards() -> tuple[Card, ...]:
    """The cards that speak about the firms of a store: those of lines, on the profile."""
    return tuple(card for card in load_every_card() if isinstance(card, Card))


def load_scale() -> MasterScale:
    """The master scale that comes with the installation."""
    return MasterScale.from_data(read_model("master_scale.toml"))


def load_expert() -> Expert:
    """The expert technology-flow scorecard that comes with the installation."""
    return Expert.from_data(read_model("expert.toml"))
