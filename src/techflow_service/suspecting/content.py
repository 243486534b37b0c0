"""Limits and signs of the content, in force on a day."""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from techflow.fraud import Search, Sign
from techflow.pricing import Terms
from techflow_service.assessing.content import hash_files
from techflow_service.models import read_model

FOLDER = Path(str(files("techflow_content.models"))) / "fraud_signs"


@dataclass(frozen=True, slots=True)
class Signs:
    """What a scan looks for.

    Attributes:
        asked: Limits by name.
        signs: The signs.
        status: How sure we are of limits and points.
        hash: Fingerprint of the content folder.
    """

    asked: dict[str, Any]
    signs: tuple[Sign, ...]
    status: str
    hash: str

    @property
    def search(self) -> Search:
        """What counts as a circle."""
        return Search(self.asked["search_window_days"], self.asked["search_tolerance_share"])


def load_signs(on: date) -> Signs:
    """The content as it holds on a day.

    Args:
        on: The day.

    Raises:
        NotInForce: A limit has no value on that day.
    """
    params = read_model("fraud_signs/params.toml")
    told = read_model("fraud_signs/signs.toml")
    signs = tuple(Sign(**one) for one in told["sign"])
    mark = hash_files(FOLDER, ("*.toml",))[:16]
    return Signs(Terms.from_data(params).at(on), signs, told["status"], mark)
