"""Pages of figures as they are: the same words and tables, in the language asked for."""

from typing import Annotated, Any, Literal

from ninja import Path, Query
from pydantic import Field

from techflow_service.platform.api.operations import operation
from techflow_service.platform.api.shapes import PLAIN, Asked, Day
from techflow_service.platform.needs import needs_of
from techflow_service.platform.pages import book, cards, market, park, policy, pool
from techflow_service.platform.roles import EVERYONE, LENDING, Role
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.words import WORDS

Name = Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]


class Spoken(Asked):
    """In which language."""

    language: Literal["zh", "en"] = "zh"


class FiguresAsked(Spoken):
    """As of which day; the newest if left out."""

    as_of: Day | None = None


class PolicyAsked(FiguresAsked):
    """Which bound the what-if moves; the first if left out."""

    param: Annotated[str, Field(min_length=1, max_length=120)] | None = None


class FigureTold(Asked):
    """A figure with its label."""

    label: str
    value: str


class TableTold(Asked):
    """A table as people read it; of each row the firm, policy or pool that it leads to."""

    head: list[str]
    rows: list[list[str]]
    keys: list[str | None]


class ChartTold(Asked):
    """A chart: what it shows, and the option of ECharts that draws it."""

    title: str
    subtitle: str
    option: dict[str, Any]


class ChoiceTold(Asked):
    """A bound that the what-if can move; `key` is asked for as `param`."""

    key: str
    label: str


class SectionTold(Asked):
    """A part of a page."""

    title: str
    note: str
    lines: list[str]
    table: TableTold | None
    chart: ChartTold | None
    choices: list[ChoiceTold]


class PageTold(Asked):
    """A page of figures: its answer, what it rests on, what it cannot tell."""

    title: str
    answer: str
    as_of: str | None
    facts: list[FigureTold]
    sections: list[SectionTold]
    unknown: list[str]


class NeedTold(Asked):
    """Something that waits for the caller."""

    key: str
    n: int
    zh: str
    en: str


class NeedList(Asked):
    """What waits for the caller."""

    rows: list[NeedTold]


def _page(title: str, answer: str) -> dict[str, Any]:
    return {
        "query": {"language": "en"},
        "answer": {
            "title": title,
            "answer": answer,
            "as_of": "2026-06-30",
            "facts": [{"label": "Firms", "value": "2"}],
            "sections": [
                {
                    "title": "By grade",
                    "note": "",
                    "lines": [],
                    "table": {"head": ["Grade", "Firms"], "rows": [["TF4", "2"]], "keys": [None]},
                    "chart": None,
                    "choices": [],
                }
            ],
            "unknown": ["Loans of other banks"],
        },
    }


@operation(
    "GET",
    "needs",
    Row(GET, EVERYONE, "own"),
    key_scope="read:own",
    returns=NeedList,
    example={
        "answer": {
            "rows": [{"key": "need.loans", "n": 2, "zh": "2 笔贷款待办", "en": "2 loans wait"}]
        }
    },
)
def needs(request: Any) -> Any:
    """What waits for the caller, as on the first page."""
    rows = []
    for one in needs_of(request):
        zh, en = (words.format(n=one.n) for words in WORDS[one.key])
        rows.append({"key": one.key, "n": one.n, "zh": zh, "en": en})
    return {"rows": rows}


@operation(
    "GET",
    "figures/book",
    Row(GET, LENDING, "firm"),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Book", "2 firms have agreed."),
)
def figures_book(request: Any, asked: Query[FiguresAsked]) -> Any:
    """The book of the branch."""
    return book.book(request)


@operation(
    "GET",
    "figures/park",
    Row(GET, frozenset({Role.PARK}), "firm"),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Park", "2 firms have agreed."),
)
def figures_park(request: Any, asked: Query[FiguresAsked]) -> Any:
    """Firms of the park, what they need, how much is met."""
    return park.park(request)


@operation(
    "GET",
    "figures/market",
    Row(GET, market.LOOKERS, "firm"),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Market", "11 of 12 firms got a product."),
)
def figures_market(request: Any, asked: Query[Spoken]) -> Any:
    """Who gets which product, and why not another."""
    return market.market(request)


@operation(
    "GET",
    "figures/pools",
    Row(GET, pool.READERS),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Pools", "1 pool, its books proved."),
)
def figures_pools(request: Any, asked: Query[Spoken]) -> Any:
    """The pools whose books the caller may see, and whether the design of one lasts."""
    return pool.pools(request)


@operation(
    "GET",
    "figures/pools/{pool_id}",
    Row(GET, pool.READERS),
    key_scope="read:firms",
    returns=PageTold,
    example={"path": {"pool_id": "sample-pool"}}
    | _page("Pool sample-pool", "CNY 90m free, its books proved."),
)
def figures_pool(request: Any, pool_id: Path[Name], asked: Query[Spoken]) -> Any:
    """One pool: money, layers, claims, caps, proof."""
    return pool.pool(request, pool_id)


@operation(
    "GET",
    "figures/policies",
    Row(GET, EVERYONE),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Policies", "12 policies are in force."),
)
def figures_policies(request: Any, asked: Query[FiguresAsked]) -> Any:
    """Which policies are in force, and how many firms qualify."""
    return policy.policies(request)


@operation(
    "GET",
    "figures/policies/{policy_id}",
    Row(GET, EVERYONE),
    key_scope="read:firms",
    returns=PageTold,
    example={"path": {"policy_id": "cn.bond_risk_sharing"}}
    | _page("High-technology enterprise", "Not judged."),
)
def figures_policy(request: Any, policy_id: Path[Name], asked: Query[PolicyAsked]) -> Any:
    """One policy clause by clause, and what another bound would do."""
    return policy.policy(request, policy_id)


@operation(
    "GET",
    "figures/models",
    Row(GET, EVERYONE),
    key_scope="read:firms",
    returns=PageTold,
    example=_page("Models", "9 cards, 2 approved."),
)
def figures_models(request: Any, asked: Query[FiguresAsked]) -> Any:
    """The register of models: for whom, how good, within which limits, approved by whom."""
    return cards.models(request)
