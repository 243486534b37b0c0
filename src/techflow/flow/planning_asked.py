"""What a firm asks for, and what is known of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from techflow.basics import InvalidInput
from techflow.pricing.product import PURPOSES

MONEY_FACTS = (
    "pd",
    "rate_pa",
    "limit_cny",
    "debt_cny",
    "pledge_value_cny",
    "post_money_cny",
    "receivables_cny",
)
"""Facts that cannot be below 0."""


@dataclass(frozen=True, slots=True)
class Need:
    """What the firm asks for.

    Attributes:
        amount_cny: Money, above 0.
        term_months: For how long, at least 1.
        purpose: One of the purposes of products, except `risk`.
        project_cny: Cost of the project or price of the acquisition; None if there is none.
        products_n_max: Most products at once.
        dilution_share_max: Most of the firm its owners give away.
    """

    amount_cny: float
    term_months: int
    purpose: str
    project_cny: float | None
    products_n_max: int
    dilution_share_max: float

    def __post_init__(self) -> None:
        money = [name for name in PURPOSES if name != "risk"]
        if self.purpose not in money:
            raise InvalidInput(
                f"purpose must be one of {', '.join(money)}; got {self.purpose!r}"
                + ("; insurance is listed beside every plan" if self.purpose == "risk" else "")
            )
        if not 0 < self.amount_cny < math.inf:
            raise InvalidInput(f"amount_cny must be above 0; got {self.amount_cny:,.0f}")
        if self.term_months < 1:
            raise InvalidInput(f"term_months must be at least 1; got {self.term_months}")
        if self.products_n_max < 1:
            raise InvalidInput(f"products_n_max must be at least 1; got {self.products_n_max}")
        if not 0 <= self.dilution_share_max < 1:
            raise InvalidInput(
                f"dilution_share_max must be in [0, 1); got {self.dilution_share_max}"
            )
        if self.project_cny is not None and not self.amount_cny <= self.project_cny < math.inf:
            raise InvalidInput(
                f"project_cny must be at least amount_cny {self.amount_cny:,.0f}; "
                f"got {self.project_cny:,.0f}; ask for less or give the whole cost"
            )


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of the firm.

    Attributes:
        firm_id: Firm.
        stage: Stage of life; None if unknown.
        numbers: Facts by name: `pd`, `rate_pa` (break-even), `limit_cny`, `debt_cny`,
            `cash_flow_cny`, `pledge_value_cny`, `post_money_cny` and any that products ask
            for. An unknown one is absent.
        answers: Policy -> `yes`, `no` or `unknown`.
        refused: The bank lends nothing at this default probability.
    """

    firm_id: str
    stage: str | None
    numbers: Mapping[str, float]
    answers: Mapping[str, str]
    refused: bool = False

    def __post_init__(self) -> None:
        for name, value in self.numbers.items():
            if math.isnan(value):
                raise InvalidInput(f"fact {name} must be a number; leave out what is unknown")
            if value < 0 and name in MONEY_FACTS:
                raise InvalidInput(f"fact {name} must be 0 or more; got {value:,.6g}")
        for policy, answer in self.answers.items():
            if answer not in ("yes", "no", "unknown"):
                raise InvalidInput(f"{policy} must be yes, no or unknown; got {answer!r}")
