"""One loan's price on one screen, in Chinese or English: every part, its source and mark."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.cells import cell_len, set_cell_size

from techflow.flow import Quoted
from techflow.pricing import CHARGES, FIRM_PARTS, LAYERS, LOSSES, PUBLIC_PARTS
from techflow_service.mark_words import LANGUAGES, tag_mark
from techflow_service.price_columns import QUOTES
from techflow_service.price_labels import COLUMNS, NAMES, PARTS, REASONS, WORDS
from techflow_service.price_schedule import tell_payments
from techflow_service.price_security import kind_of, tell_security
from techflow_service.pricing import Priced

Row = Mapping[str, Any]
LABEL_WIDTH, SOURCE_WIDTH = 36, 90
OWN = frozenset((*QUOTES, "lgd"))
"""Numbers a loan's own row may hold."""


def say_reason(code: str, lang: str) -> str:
    """Why a loan has no price, in words."""
    place = ("zh", "en").index(lang)
    if code in REASONS:
        return REASONS[code][place]
    tool, _, rest = code.partition("_")
    return REASONS[rest][place].format(tool=NAMES[tool][place])


def explain_price(priced: Priced, row: Row, lang: str) -> str:
    """One screen on one loan.

    Args:
        priced: The book and the numbers it rests on.
        row: The loan.
        lang: `zh` or `en`.
    """
    place = ("zh", "en").index(lang)
    lines = [_head(priced, row, place)]
    if row["reason_code"]:
        why = WORDS["no_price"][place].format(reason=say_reason(row["reason_code"], lang))
        return "\n".join([*lines, why])
    lines += [_total("rate", row["rate_pa"], place)]
    lines += _parts(priced, row, (*CHARGES, *LOSSES, "tax_rate_pa"), place)
    if any(row[name] for name in FIRM_PARTS):
        lines += [_total("all_in", row["all_in_rate_pa"], place)]
        lines += _parts(priced, row, FIRM_PARTS, place)
    lines += tell_security(priced.numbers, row, place, irb=priced.way.irb)
    lines += tell_payments(priced, row, place)
    lines += [
        _layers(priced, row, place),
        _capital(row, place),
        _public(row, place),
    ]
    lines += _effects(priced, row, place)
    given = [WORDS["granted"][place]] if priced.way.tools else []
    return "\n".join([*lines, *given, WORDS["marks"][place]])


def _head(priced: Priced, row: Row, place: int) -> str:
    term = row.get("term_months") or 12
    kind = row.get("repayment") or priced.way.repayment
    known = WORDS.get(str(kind), WORDS["bullet"])
    return WORDS["head"][place].format(
        firm=row.get("firm_id", "-"),
        amount=_number(row["amount_cny"], ",.0f"),
        term=known[place].format(n=_number(term, "g"), every=priced.way.period_months),
        pd=_number(row["pd"], ".2%"),
        on=priced.way.on,
    )


def _number(value: Any, style: str) -> str:
    """A cell as a number where it is one, else as it stands."""
    try:
        return format(float(value), style)
    except (TypeError, ValueError):
        return "-" if value is None else str(value)


def _total(word: str, value: float, place: int) -> str:
    return f"{set_cell_size(WORDS[word][place], LABEL_WIDTH + 2)}{value:>9.3%}"


def _parts(priced: Priced, row: Row, names: tuple[str, ...], place: int) -> Iterator[str]:
    for name in names:
        if row[name] or name == "tax_rate_pa":
            zh, en, _ = PARTS[name]
            head = f"  {set_cell_size((zh, en)[place], LABEL_WIDTH)}{row[name]:>9.3%}  "
            first, *more = _sources(priced, row, name, place)
            yield head + first
            yield from (" " * (LABEL_WIDTH + 13) + source for source in more)


def _sources(priced: Priced, row: Row, part: str, place: int) -> list[str]:
    """Numbers a part rests on, each with its mark and who says so."""
    if part == "pool_rate_pa":
        return [_pool_source(priced, row, place)]
    told = []
    for name in _numbers_of(priced, row, part):
        if name in OWN and row.get(name) is not None:
            told.append(_own(priced, name, row[name], place))
        elif name in priced.numbers:
            told.append(_quoted(name, priced.numbers[name], place))
    return told or [WORDS["follows"][place]]


def _own(priced: Priced, name: str, cell: Any, place: int) -> str:
    """A number of the loan's own row, with the label of the number it stands for."""
    value = _number(cell, ",.0f" if name.endswith("_cny") else ".2%")
    stands = priced.numbers.get(name)
    label = f" {(stands.zh, stands.en)[place]}" if stands else ""
    return f"{value}{label}{WORDS['file'][place]}"


def _pool_source(priced: Priced, row: Row, place: int) -> str:
    """What the pool's rule gives this loan, over the loss left to it."""
    shares = [row[f"{who}_loss_share"] for who in (*LAYERS[1:], "bank")]
    told = WORDS["pool_pays"][place].format(share=f"{shares[0] / sum(shares):.1%}")
    return f"{told} {_quoted('', priced.numbers['pool_rule'], place)}"


def _numbers_of(priced: Priced, row: Row, part: str) -> tuple[str, ...]:
    names = PARTS[part][2]
    if part == "capital_rate_pa":
        return (
            (*names, "irb_lgd", "irb_size_factor")
            if priced.way.irb
            else (*names, _weight_name(priced, row))
        )
    if part == "loss_rate_pa" and (kind := kind_of(row)):
        return (*names, f"{kind}_covered_lgd", f"{kind}_lgd_min")
    if part == "transfer_rate_pa":
        return tuple(n for n in names if row[f"{n.partition('_')[0]}_loss_share"])
    if part == "fee_rate_pa" and row.get("crmw_spread_rate_pa") is not None:
        return ("crmw_spread_rate_pa",)
    if part == "guarantee_rate_pa" and _bound(priced, row):
        return (*names, "guarantee_cny_max")
    if part == "tax_rate_pa" and not row[part]:
        return ("vat_exempt_loan_cny_max",)
    return names


def _bound(priced: Priced, row: Row) -> bool:
    """True if the most in yuan for one borrower binds."""
    amount = _number(row["amount_cny"], "f")
    most = priced.numbers["guarantee_cny_max"].value / priced.numbers["guarantee_share"].value
    return float(amount) > most


def _weight_name(priced: Priced, row: Row) -> str:
    """The term that gave the standardised weight."""
    for name in ("small", "sme", "corporate"):
        if priced.numbers[f"{name}_weight_ratio"].value == row["risk_weight_ratio"]:
            return f"{name}_weight_ratio"
    return "corporate_weight_ratio"


def _quoted(name: str, number: Quoted, place: int) -> str:
    zh, _, en = number.reference.partition(" / ")
    label, reference = ((number.zh, zh), (number.en, en or zh))[place]
    mark = tag_mark(number.mark, LANGUAGES[place])
    told = f"{_value(name, number.value)}{label} [{mark}] {reference}"
    if cell_len(told) > SOURCE_WIDTH:
        told = set_cell_size(told, SOURCE_WIDTH - 1).rstrip() + "…"
    return told


def _value(name: str, value: float) -> str:
    if value != value:  # a rule with no one number
        return ""
    if name.endswith(("_cny_max", "_loading_ratio")):
        return f"{value:,g} " if value < 1e4 else f"{value:,.0f} "
    return f"{100 * value:g}% "


def _layers(priced: Priced, row: Row, place: int) -> str:
    paid = [
        f"{NAMES[who][place]} {row[f'{who}_loss_share']:.1%}"
        for who in (*LAYERS, "bank")
        if row[f"{who}_loss_share"] or who == "bank"
    ]
    lgd = sum(row[f"{who}_loss_share"] for who in (*LAYERS, "bank"))
    joined = ("、", ", ")[place].join(paid)
    told = WORDS["loss"][place].format(lgd=f"{lgd:.1%}") + joined
    if "pool" in priced.way.tools and not row["pool_loss_share"]:
        told += WORDS["pool_none"][place]
    return told


def _capital(row: Row, place: int) -> str:
    raroc = row["raroc_rate_pa"]
    off = row["weight_off_ratio"]
    less = WORDS["weight_off"][place].format(off=f"{off:.1%}") if off else ""
    offered = row.get("offered_rate_pa")
    return WORDS["capital"][place].format(
        rate=_number(row["rate_pa"] if offered is None else offered, ".2%"),
        weight=f"{row['risk_weight_ratio']:.1%}{less}",
        raroc=WORDS["none_held"][place] if raroc is None else f"{raroc:.2%}",
    )


def _public(row: Row, place: int) -> str:
    parts = [f"{PARTS[n][place]} {row[n]:.3%}" for n in PUBLIC_PARTS if row[n]]
    joined = ("、", ", ")[place].join(parts)
    told = f"{WORDS['public'][place]} {row['public_rate_pa']:.3%}"
    told += (f"（{joined}）", f" ({joined})")[place] if parts else ""
    if row["head_office_rate_pa"]:
        part = f"{row['head_office_rate_pa']:.3%}"
        told += ("；", "")[place] + WORDS["head_office"][place].format(part=part)
    return told


def _effects(priced: Priced, row: Row, place: int) -> Iterator[str]:
    if not priced.way.tools:
        return
    heads = "".join(_right(word, 13) for word in COLUMNS[place])
    yield f"{set_cell_size(WORDS['effects'][place], LABEL_WIDTH + 2)}{heads}"
    for tool in priced.way.tools:
        values = [row[f"effect_{tool}_{who}_rate_pa"] for who in ("firm", "bank", "public")]
        cells = "".join(f"{'-' if v is None else format(100 * v, '+.3f'):>13}" for v in values)
        yield f"  {set_cell_size(NAMES[tool][place], LABEL_WIDTH)}{cells}"


def _right(word: str, width: int) -> str:
    return " " * max(0, width - cell_len(word)) + word
