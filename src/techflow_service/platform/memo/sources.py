"""Where a number of the page comes from: card, parameters with clause and mark, date, version."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from techflow_service.platform.memo.figures import COLUMNS, SHARES, amount, choose, label
from techflow_service.platform.showing import Speaker, number, share

NEED = ("need_sales_share", "growth_min_ratio", "growth_max_ratio")
WEIGHTS = ("corporate_weight_ratio", "sme_weight_ratio", "small_weight_ratio")
CAPITAL = ("hurdle_rate_pa", "capital_ratio", *WEIGHTS)
INCOME = (
    *("tax_rate", "discount_rate_pa", "revenue_sigma", "growth_sigma", "scale_years"),
    "royalty_ranges",
)
PLEDGE = ("pledge.correlation", "pledge.confidence", "pledge.sale_cost_share")
LENT = (*PLEDGE, "pledge.rate_pa", "pledge.cap_share")
TERMS: Mapping[str, tuple[str, ...]] = {
    "royalty_share": ("royalty_ranges",),
    "patent_value_low_cny": INCOME,
    "patent_value_median_cny": INCOME,
    "patent_value_high_cny": INCOME,
    "patent_value_mean_cny": INCOME,
    "pledge_cap_share": ("pledge.cap_share",),
    "haircut_share": PLEDGE,
    "loan_to_value_share": LENT,
    "pledge_value_cny": LENT,
    "need_lcy": NEED,
    "limit_lcy": (*NEED, "pd_limit_bands", "expert_share"),
    "el_rate_pa": ("lgd",),
    "funding_rate_pa": ("funding_rate_pa",),
    "cost_rate_pa": ("cost_rate_pa",),
    "capital_rate_pa": CAPITAL,
    "rate_pa": ("lgd", "funding_rate_pa", "cost_rate_pa", *CAPITAL),
}
"""Column -> parameters of the run that its value rests on."""
FROM_CARD = frozenset({"pd", "grade", "score", "pd_basis", "reason_1_part"})


class Term(NamedTuple):
    """A parameter: what it is called, its value, its mark, its clause and day."""

    name: str
    value: str
    mark: str
    clause: str
    since: str


class Cell(NamedTuple):
    """A number that opens its source.

    Attributes:
        label: What it is.
        text: How it reads.
        lines: What its source is called, and the source.
        terms: Parameters that it rests on.
    """

    label: str
    text: str
    lines: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...]


class Sources:
    """Sources of the numbers of one firm in one run.

    Args:
        record: The run's record.
        firm: The firm's row of `assessment`, as far as the reader may see it.
        speak: Words of the language.
    """

    def __init__(self, record: Mapping[str, Any], firm: Mapping[str, Any], speak: Speaker) -> None:
        self._record, self._firm, self._speak = record, firm, speak
        found = [*record.get("terms", ()), *record.get("technology", ())]
        self._terms = {each["name"]: each for each in found}
        self._always = self._versions()

    def lines(self, table: str, name: str) -> tuple[tuple[str, str], ...]:
        """Card, latest evidence, column, day of the run, versions."""
        return (*self._card(table, name), (self._speak("source.column"), f"{table}.{name}"),
                *self._always)  # fmt: skip

    def terms(self, name: str) -> tuple[Term, ...]:
        """Parameters that a column rests on for this firm."""
        wanted = [one for one in TERMS.get(name, ()) if one in self._terms and self._used(one)]
        return tuple(self.term(self._terms[one]) for one in wanted)

    def term(self, spec: Mapping[str, Any]) -> Term:
        """A parameter of the record, as people read it."""
        speak = self._speak
        name = choose(speak, (spec.get("zh") or spec["name"], spec.get("en") or spec["name"]))
        return Term(
            name,
            _value(speak, spec),
            spec["status"],
            speak.both(spec["reference"]),
            str(spec.get("since") or ""),
        )

    def card_name(self, card_id: str | None) -> str:
        """What a model card is called."""
        cards = {card["card_id"]: card["recipe"]["label"] for card in self._record.get("cards", ())}
        if expert := self._record.get("expert"):
            cards[expert["card_id"]] = expert["label"]
        found = cards.get(card_id)
        return str(found[self._speak.language]) if found else card_id or ""

    def card(self, card_id: str | None) -> Mapping[str, Any]:
        """Register entry of a model card; empty if the run's record has none."""
        for card in self._record.get("cards", ()):
            if card["card_id"] == card_id:
                return dict(card.get("register") or {})
        return {}

    def _used(self, term: str) -> bool:
        """Whether a parameter bears on this firm."""
        basis, verdict = self._firm.get("need_basis"), self._firm.get("verdict")
        if term == "expert_share":
            return verdict in (None, "expert")
        if term == "need_sales_share":
            return basis != "turnover"
        return not (term.startswith("growth_") and basis == "sales_share")

    def _card(self, table: str, name: str) -> list[tuple[str, str]]:
        firm, speak = self._firm, self._speak
        if table != "assessment" or name not in FROM_CARD or not firm.get("card_id"):
            return []
        found = [(speak("source.card"), f"{self.card_name(firm['card_id'])} ({firm['card_id']})")]
        found.append((speak("source.hash"), str(firm.get("card_hash") or "")))
        if status := self.card(firm["card_id"]).get(f"status_{speak.language}"):
            found.append((speak("source.status"), str(status)))
        return found

    def _versions(self) -> tuple[tuple[str, str], ...]:
        record, speak = self._record, self._speak
        found = [(speak("frame.as_of"), str(record.get("as_of", "")))]
        if self._firm.get("evidence_on"):
            found.insert(0, (label(speak, "assessment", "evidence_on"), self._firm["evidence_on"]))
        if store := record.get("store"):
            found.append((speak("source.store"), f"{store['name']} · {store['version']}"))
        return (*found, (speak("source.program"), f"techflow {record.get('techflow', '')}"))


def _value(speak: Speaker, spec: Mapping[str, Any]) -> str:
    """Value of a parameter: one number, a table of steps, or one a kind."""
    value, units = spec["value"], (spec.get("unit") or "").split(", ")
    join = "；" if speak.language == "zh" else "; "
    if spec["name"] == "royalty_ranges":
        return join.join(
            f"{choose(speak, (zh, en))} {share(low)}–{share(high)}" for zh, en, low, high in value
        )
    if isinstance(value, Mapping):
        return join.join(f"{_kind(speak, n)} {_one(speak, v, units[0])}" for n, v in value.items())
    if not isinstance(value, list):
        return _one(speak, value, units[0])
    rows = [row if isinstance(row, list) else [row] for row in value]
    units += [units[-1]] * 9
    return join.join(
        " → ".join(_one(speak, v, unit) for v, unit in zip(row, units, strict=False))
        for row in rows
    )


def _one(speak: Speaker, value: Any, unit: str) -> str:
    if unit == "cny":
        return amount(speak, value, "CNY")
    if unit in SHARES:
        return SHARES[unit](value)
    if unit == "ratio":
        return share(value)
    if isinstance(value, int | float):
        return number(value, 0 if float(value).is_integer() else 2)
    return speak.both(str(value))


def _kind(speak: Speaker, name: str) -> str:
    codes = COLUMNS["patent_value"]["patent_kind"].codes
    more = {"utility_model": ("实用新型", "Utility model"), "trademark": ("商标", "Trademark")}
    return choose(speak, {**codes, **more}.get(name, (name, name)))
