"""From the parsed `scheme.toml` to a scheme, with a clear word on what is wrong."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from techflow.basics import InvalidInput
from techflow.pool.numbers import MARKS, Slot, read_slot
from techflow.pool.scheme import Breaker, Cap, Fee, Funding, Layer, Limit, Part, Party, Scheme

CURRENCIES = ("cny", "usd")
BASES = ("principal_loss", "npl_balance", "unrepaid_principal")
PARTY_KINDS = ("bank", "guarantor", "government", "fund", "insurer", "other")
CAP_SCOPES = ("loan", "firm", "bank", "guarantor", "scheme")
BREAKER_SCOPES = ("bank", "guarantor", "scheme")
PERIODS = ("life", "year", "cohort")
COUNTS = ("with_claim", "before_claim")
SOURCES = ("central", "province", "city", "county", "social", "bank")
COMBINES = ("sum", "best")
PER = ("year", "once")
SECURITY = "loan_security"
KEYS = {
    "": "id zh en issuer policy currency base since until reference status party layer limit cap "
    "breaker fee funding leverage recovery pay_days note_zh note_en",
    "party": "id zh en kind",
    "layer": "party share combine share_max bound_min bound_max spill",
    "share": "param policy value unit reference status by any security",
    "limit": "fact most raised any codes",
    "cap": "party scope period amount less",
    "breaker": "scope period rate stops counts",
    "fee": "zh en payer payee rate per",
    "funding": "source party amount a_year order return_pa exit_zh exit_en",
    "recovery": "order status",
}
NEEDED = {
    "": "id zh en issuer policy currency base since reference status party layer recovery",
    "party": "id zh en kind",
    "layer": "party share",
    "limit": "fact",
    "cap": "party scope amount",
    "breaker": "scope rate stops",
    "fee": "zh en payer payee rate per",
    "funding": "source party amount",
    "recovery": "order status",
}


def read_scheme(data: Mapping[str, Any]) -> Scheme:
    """A scheme from its file.

    Args:
        data: Parsed `scheme.toml`, decimals exact.

    Raises:
        InvalidInput: A key is missing, unknown or not one of the words allowed; or days are
            reversed.

    Examples:
        >>> share = {"value": "30%", "unit": "share", "reference": "x", "status": "text"}
        >>> demo = read_scheme({
        ...     "id": "demo", "zh": "示例", "en": "Demo", "issuer": "x", "policy": "cn.demo",
        ...     "currency": "cny", "base": "principal_loss", "since": date(2024, 1, 1),
        ...     "reference": "x", "status": "text",
        ...     "party": [{"id": "pool", "zh": "池", "en": "Pool", "kind": "government"},
        ...               {"id": "bank", "zh": "银行", "en": "Bank", "kind": "bank"}],
        ...     "layer": [{"party": "pool", "share": share}, {"party": "bank", "share": "rest"}],
        ...     "recovery": {"order": [["pool", "bank"]], "status": "text"}})
        >>> demo.layers[0].spill, [party.id for party in demo.parties]
        ('bank', ['pool', 'bank'])
    """
    where = f"scheme {data.get('id', '(no id)')}"
    _keys(where, "", data)
    policy, last = data["policy"], data["layer"][-1]["party"] if data["layer"] else ""
    since, until = data["since"], data.get("until")
    _days(where, since, until)
    return Scheme(
        id=data["id"],
        zh=data["zh"],
        en=data["en"],
        issuer=data["issuer"],
        policy=policy,
        currency=_word(where, "currency", data["currency"], CURRENCIES),
        base=_word(where, "base", data["base"], BASES),
        since=since,
        until=until,
        reference=data["reference"],
        mark=_mark(where, data["status"]),
        parties=tuple(_party(where, each) for each in data["party"]),
        layers=tuple(_layer(where, each, policy, last) for each in data["layer"]),
        limits=tuple(_limit(where, each, policy) for each in data.get("limit", ())),
        caps=tuple(_cap(where, each, policy) for each in data.get("cap", ())),
        breakers=tuple(_breaker(where, each, policy) for each in data.get("breaker", ())),
        fees=tuple(_fee(where, each, policy) for each in data.get("fee", ())),
        funding=tuple(_funding(where, each, policy) for each in data.get("funding", ())),
        leverage=_slot(f"{where}: leverage", data, "leverage", policy),
        recovery=_recovery(where, data["recovery"]),
        recovery_mark=_mark(where, data["recovery"]["status"]),
        pay_days=_slot(f"{where}: pay_days", data, "pay_days", policy),
        note_zh=data.get("note_zh", ""),
        note_en=data.get("note_en", ""),
    )


def _keys(where: str, kind: str, data: Any) -> None:
    if not isinstance(data, Mapping):
        raise InvalidInput(f"{where}: {kind or 'the file'} must be a table; got {data!r}")
    name = f"[[{kind}]] " if kind else ""
    if unknown := sorted(set(data) - set(KEYS[kind].split())):
        raise InvalidInput(f"{where}: {name}has no key {', '.join(unknown)}; allowed: {KEYS[kind]}")
    if absent := [key for key in NEEDED.get(kind, "").split() if key not in data]:
        raise InvalidInput(f"{where}: {name}lacks {', '.join(absent)}; add it")


def _word(where: str, key: str, word: Any, allowed: Iterable[str]) -> str:
    if word not in allowed:
        raise InvalidInput(f"{where}: {key} must be one of {', '.join(allowed)}; got {word!r}")
    return str(word)


def _mark(where: str, status: str) -> str:
    _word(where, "status", str(status).partition(" ")[0], MARKS)
    return status


def _days(where: str, since: Any, until: Any) -> None:
    for key, day in (("since", since), ("until", until)):
        if day is not None and type(day) is not date:
            raise InvalidInput(f"{where}: {key} must be a day without quotes; got {day!r}")
    if until is not None and until <= since:
        raise InvalidInput(f"{where}: until must be after since {since}; got {until}")


def _slot(where: str, data: Mapping[str, Any], key: str, policy: str) -> Slot | None:
    return read_slot(where, data[key], policy) if key in data else None


def _party(where: str, data: Mapping[str, Any]) -> Party:
    _keys(where, "party", data)
    kind = _word(where, f"kind of party {data['id']}", data["kind"], PARTY_KINDS)
    return Party(data["id"], data["zh"], data["en"], kind)


def _layer(where: str, data: Mapping[str, Any], policy: str, last: str) -> Layer:
    _keys(where, "layer", data)
    here = f"{where}: layer {data['party']}"
    share = data["share"]
    parts = [] if share == "rest" else share if isinstance(share, list) else [share]
    share_max, bound_min, bound_max = (
        _slot(f"{here} {key}", data, key, policy) for key in ("share_max", "bound_min", "bound_max")
    )
    return Layer(
        data["party"],
        tuple(_part(here, each, policy) for each in parts),
        _word(here, "combine", data.get("combine", "sum"), COMBINES),
        share_max,
        bound_min,
        bound_max,
        data.get("spill", "" if data["party"] == last else last),
    )


def _part(where: str, data: Any, policy: str) -> Part:
    _keys(where, "share", data)
    by = data.get("by", ())
    number = {key: data[key] for key in data if key not in ("by", "any", "security")}
    codes = {"param": data["security"]} if "security" in data else None
    return Part(
        read_slot(f"{where}: share", number, policy),
        (by,) if isinstance(by, str) else tuple(by),
        tuple(data.get("any", ())),
        SECURITY if codes else "",
        read_slot(where, codes, policy) if codes else None,
    )


def _limit(where: str, data: Mapping[str, Any], policy: str) -> Limit:
    _keys(where, "limit", data)
    here = f"{where}: limit on {data['fact']}"
    if ("most" in data) == ("codes" in data) or ("raised" in data) != bool(data.get("any")):
        raise InvalidInput(f"{here} needs most or codes; and raised with any, or neither")
    most, raised, codes = (_slot(here, data, key, policy) for key in ("most", "raised", "codes"))
    return Limit(data["fact"], most, raised, tuple(data.get("any", ())), codes)


def _cap(where: str, data: Mapping[str, Any], policy: str) -> Cap:
    _keys(where, "cap", data)
    here = f"{where}: cap of {data['party']}"
    scope = _word(here, "scope", data["scope"], CAP_SCOPES)
    period = _word(here, "period", data.get("period", "life"), PERIODS)
    if scope == "loan" and period != "life":
        raise InvalidInput(f"{here}: a loan is claimed once; leave period out")
    if data.get("less") and scope != "loan":
        raise InvalidInput(f"{here}: less works on a cap per loan only; got scope {scope}")
    amount = read_slot(f"{here}: amount", data["amount"], policy)
    return Cap(data["party"], scope, period, amount, data.get("less", ""))


def _breaker(where: str, data: Mapping[str, Any], policy: str) -> Breaker:
    _keys(where, "breaker", data)
    scope = _word(where, "scope of a breaker", data["scope"], BREAKER_SCOPES)
    counts = _word(where, "counts", data.get("counts", "with_claim"), COUNTS)
    rate = read_slot(f"{where}: breaker rate", data["rate"], policy)
    period = _word(where, "period of a breaker", data.get("period", "year"), PERIODS[1:])
    return Breaker(scope, period, rate, tuple(data["stops"]), counts)


def _fee(where: str, data: Mapping[str, Any], policy: str) -> Fee:
    _keys(where, "fee", data)
    per = _word(where, "per of a fee", data["per"], PER)
    rate = read_slot(f"{where}: fee {data['en']}", data["rate"], policy)
    return Fee(data["zh"], data["en"], data["payer"], data["payee"], rate, per)


def _funding(where: str, data: Mapping[str, Any], policy: str) -> Funding:
    _keys(where, "funding", data)
    here = f"{where}: funding by {data['source']}"
    order = data.get("order", 1)
    if type(order) is not int or order < 1:
        raise InvalidInput(f"{here}: order must be 1, 2, ...; got {order!r}")
    return Funding(
        _word(here, "source", data["source"], SOURCES),
        data["party"],
        read_slot(here, data["amount"], policy),
        _slot(here, data, "a_year", policy),
        order,
        _slot(here, data, "return_pa", policy),
        data.get("exit_zh", ""),
        data.get("exit_en", ""),
    )


def _recovery(where: str, data: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    _keys(where, "recovery", data)
    groups = data["order"]
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise InvalidInput(f"{where}: recovery order must be a list of lists; got {groups!r}")
    return tuple(tuple(group) for group in groups)
