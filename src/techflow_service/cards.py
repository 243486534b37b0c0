"""Reading cards, the master scale and the expert grade from their content folders."""

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.credit import Card, Expert, LossCard, MasterScale, TreeCard

AnyCard = Card | TreeCard | LossCard
KINDS: Mapping[str, type[AnyCard]] = {
    "lines": Card,
    "trees": TreeCard,
    "two-part": LossCard,
}
"""Form of a card by the learner its recipe asks for; lines are fitted on a store, the others on
raw rows."""
MODELS: Traversable = files("techflow_content.models")


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


def load_cards() -> tuple[Card, ...]:
    """The cards that speak about the firms of a store: those of lines, on the profile."""
    return tuple(card for card in load_every_card() if isinstance(card, Card))


def load_scale() -> MasterScale:
    """The master scale that comes with the installation."""
    return MasterScale.from_data(tomllib.loads((MODELS / "master_scale.toml").read_text("utf8")))


def load_expert() -> Expert:
    """The expert technology-flow scorecard that comes with the installation."""
    return Expert.from_data(tomllib.loads((MODELS / "expert.toml").read_text("utf8")))
