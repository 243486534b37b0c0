"""What an experiment is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow_service.experimenting.changing import Change
from techflow_service.models import read_model

SIDES = ("before", "after")


@dataclass(frozen=True)
class Experiment:
    """What to run.

    Attributes:
        change: The change.
        folder: Output folder of `techflow assess`.
        scheme_id: Scheme that backs the loans.
        tools: Public tools besides those of the scheme, as `discount`.
        relending_share: Share of the principal refinanced, if no text gives it.
        batches_n: Batches of common random numbers.
        scenarios_n: Scenarios of each batch.
        seed: Seed.
        on: Legal date; None for the day of the assessment.
    """

    change: Change
    folder: Path
    scheme_id: str
    tools: tuple[str, ...] = ()
    relending_share: float | None = None
    batches_n: int = 20
    scenarios_n: int = 100
    seed: int = 1
    on: date | None = None

    @cached_property
    def model(self) -> Mapping[str, Any]:
        """How a scheme is offered, and what stands for facts no book holds."""
        return read_model("policy_experiment.toml")

    @property
    def offered(self) -> Mapping[str, Any]:
        """Tools, pool and product of the scheme.

        Raises:
            InvalidInput: The scheme cannot be run here.
        """
        schemes: Mapping[str, Mapping[str, Any]] = self.model["scheme"]
        if self.scheme_id not in schemes:
            raise InvalidInput(
                f"scheme {self.scheme_id} is no scheme of an experiment; there are "
                f"{', '.join(schemes)} (models/policy_experiment.toml)"
            )
        return schemes[self.scheme_id]
