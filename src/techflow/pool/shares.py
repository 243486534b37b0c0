"""The part of the split that needs no memory: shares by loan and caps per loan, over columns."""

from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from operator import and_, or_

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.pool.numbers import FEN_MOST, PPM, Said, Slot, to_fen, to_ppm
from techflow.pool.scheme import Cap, Layer, Limit, Part, Scheme

MONEY = ("_cny", "_usd")


def facts_needed(scheme: Scheme) -> dict[str, str]:
    """Columns the shares of a scheme look at, each with its kind.

    Args:
        scheme: A scheme.

    Returns:
        Column -> `money`, `number`, `flag` or `code`.
    """
    found: dict[str, str] = {f"loan_{scheme.currency}": "money"}
    for part in (part for layer in scheme.layers for part in layer.parts):
        found |= {name: "money" if name.endswith(MONEY) else "number" for name in part.by}
        found |= dict.fromkeys(part.flags, "flag") | ({part.column: "code"} if part.column else {})
    for limit in scheme.limits:
        kind = "code" if limit.codes else "money" if limit.fact.endswith(MONEY) else "number"
        found |= {limit.fact: kind} | dict.fromkeys(limit.flags, "flag")
    return found | {cap.less: "money" for cap in scheme.caps if cap.less}


def split_by_loan(loans: Frame, scheme: Scheme) -> Frame:
    """Who bears what of each loan's loss, by its own facts and caps alone.

    Yearly caps, purses and breakers need the stream of claims and are not applied here.

    Args:
        loans: One row per loan: `loss_cny` (null: no claim), `loan_cny` and the other columns of
            `facts_needed`; `_usd` for a scheme in dollars.
        scheme: A settled, checked scheme.

    Returns:
        The rows with `loan_fen`, `loss_fen`, `in_scope`, `problem` (null if none), and for each
        party `share_<party>_ppm`, `cap_<party>_fen` (null: none) and `pays_<party>_fen`. With a
        problem or without a loss what is paid is null; parts always add to the loss.

    Raises:
        MissingColumn: A column is absent.
    """
    loss, facts = f"loss_{scheme.currency}", facts_needed(scheme)
    require_columns(loans, [loss, *facts], needed_by=f"scheme {scheme.id}")
    money = [name for name, kind in facts.items() if kind == "money"]
    known = loans.with_columns(
        *(_fen(name).alias(_as_fen(name)) for name in money),
        loss_fen=_fen(loss),
        loan_fen=_fen(f"loan_{scheme.currency}"),
    )
    judged = known.with_columns(in_scope=_in_scope(scheme), **_shares(scheme))
    checked = judged.with_columns(problem=_problem(scheme))
    shared = checked.with_columns(**_in_force(scheme), **_caps(scheme))
    paid = _spilled(_apportioned(shared, scheme), scheme)
    parties = [party.id for party in scheme.parties]
    own = [f"{name}_{party}" for party in parties for name in ("raw", "part", "left", "held")]
    return paid.drop(own, strict=False).drop([_as_fen(name) for name in money], strict=False)


def _as_fen(name: str) -> str:
    return f"fen_of_{name}"


def _fen(name: str) -> nw.Expr:
    """Yuan to whole fen, once; null if it is not finite or too large to share exactly."""
    amount = nw.col(name).cast(nw.Float64)
    usable = amount.is_finite() & (amount.abs() <= FEN_MOST / 100)
    return nw.when(usable).then((amount * 100 + 0.5).floor()).otherwise(None).cast(nw.Int64)


def _measure(name: str) -> nw.Expr:
    return nw.col(_as_fen(name)) if name.endswith(MONEY) else nw.col(name).cast(nw.Float64)


def _said(slot: Slot | None) -> Said:
    assert isinstance(slot, Said), "settle and check the scheme first"  # noqa: S101
    return slot


def _compare(left: nw.Expr, op: str, right: nw.Expr) -> nw.Expr:
    match op:
        case ">=":
            return left >= right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case _:
            return left < right


def _bracket(part: Part, op: str, at: Fraction) -> nw.Expr:
    """`measure op at`, exactly: in whole fen, or cross-multiplied for a ratio."""
    if len(part.by) == 2:
        above, below = (_measure(name) for name in part.by)
        return _compare(above * at.denominator, op, below * at.numerator)
    scale = 100 if part.by[0].endswith(MONEY) else 1
    bound = at * scale
    return _compare(_measure(part.by[0]) * bound.denominator, op, nw.lit(bound.numerator))


def _applies(part: Part) -> nw.Expr | None:
    tests = [nw.col(flag) for flag in part.flags]
    if part.codes is not None:
        tests.append(nw.col(part.column).is_in(_said(part.codes).codes))
    return reduce(or_, tests) if tests else None


def _known(part: Part) -> Iterator[nw.Expr]:
    """True where the part can be decided."""
    applies = _applies(part)
    if applies is not None:
        yield ~applies.is_null()
    for name in part.by:
        yield ~_measure(name).is_null()
    if len(part.by) == 2:
        yield _measure(part.by[1]) > 0


def _part(part: Part, party: str) -> nw.Expr:
    said = _said(part.share)
    found = nw.lit(to_ppm(party, said.value), nw.Int64())
    for cut in reversed(said.cuts):
        gives = nw.lit(to_ppm(party, cut.gives), nw.Int64())
        found = nw.when(_bracket(part, cut.op, cut.at)).then(gives).otherwise(found)
    applies = _applies(part)
    if applies is None:
        return found
    return nw.when(applies).then(found).otherwise(nw.lit(0, nw.Int64()))


def _raw(layer: Layer) -> nw.Expr:
    parts = [_part(part, layer.party) for part in layer.parts]
    sums = reduce(lambda a, b: a + b, parts)
    found = nw.max_horizontal(*parts) if layer.combine == "best" else sums
    if layer.share_max is None:
        return found
    most = to_ppm(layer.party, _said(layer.share_max).value)
    return nw.when(found > most).then(nw.lit(most, nw.Int64())).otherwise(found)


def _shares(scheme: Scheme) -> dict[str, nw.Expr]:
    return {f"raw_{layer.party}": _raw(layer) for layer in scheme.layers if layer.parts}


def _inside(limit: Limit) -> nw.Expr:
    if limit.codes is not None:
        return nw.col(limit.fact).is_in(_said(limit.codes).codes)
    scale = 100 if limit.fact.endswith(MONEY) else 1
    inside = _measure(limit.fact) <= float(_said(limit.most).value * scale)
    if limit.raised is None:
        return inside
    raised = _measure(limit.fact) <= float(_said(limit.raised).value * scale)
    return inside | (raised & reduce(or_, [nw.col(flag) for flag in limit.flags]))


def _in_scope(scheme: Scheme) -> nw.Expr:
    tests = [_inside(limit) for limit in scheme.limits]
    return reduce(and_, tests) if tests else nw.lit(True)


def _problem(scheme: Scheme) -> nw.Expr:
    parts = [part for layer in scheme.layers for part in layer.parts]
    known = reduce(and_, [test for part in parts for test in _known(part)], nw.lit(True))
    less = [nw.col(_as_fen(cap.less)) >= 0 for cap in scheme.caps if cap.less]
    usable = reduce(and_, [~test.is_null() & test for test in less], nw.lit(True))
    loss, loan = nw.col("loss_fen"), nw.col("loan_fen")
    unread = loss.is_null() & ~nw.col(f"loss_{scheme.currency}").is_null()
    # A loan outside the scheme needs no share, so facts of the share may be unknown.
    open_ = nw.col("in_scope").is_null() | (nw.col("in_scope") & (~known | ~usable))
    return (
        nw.when(loan.is_null() | (loan <= 0))
        .then(nw.lit("loan_unusable"))
        .otherwise(
            nw.when(unread | (loss < 0))
            .then(nw.lit("loss_unusable"))
            .otherwise(
                nw.when(loss > loan)
                .then(nw.lit("loss_above_loan"))
                .otherwise(nw.when(open_).then(nw.lit("fact_unknown")).otherwise(None))
            )
        )
    )


def _in_force(scheme: Scheme) -> dict[str, nw.Expr]:
    """Shares of a loan in the scheme; outside, the last party has all."""
    named = [layer.party for layer in scheme.layers if layer.parts]
    taken = reduce(lambda a, b: a + b, [nw.col(f"raw_{party}") for party in named])
    last = scheme.layers[-1].party
    usable, found = nw.col("problem").is_null(), {}
    for layer in scheme.layers:
        share = nw.col(f"raw_{layer.party}") if layer.parts else PPM - taken
        alone = nw.lit(PPM if layer.party == last else 0, nw.Int64())
        placed = nw.when(nw.col("in_scope")).then(share).otherwise(alone)
        found[f"share_{layer.party}_ppm"] = nw.when(usable).then(placed).otherwise(None)
    return found


def _cap(cap: Cap) -> nw.Expr:
    said = _said(cap.amount)
    most = (
        nw.col("loss_fen") * to_ppm(cap.party, said.value) // PPM
        if said.unit == "share"
        else nw.lit(to_fen(cap.party, said.value), nw.Int64())
    )
    if not cap.less:
        return most
    left = most - nw.col(_as_fen(cap.less))
    return nw.when(left < 0).then(nw.lit(0, nw.Int64())).otherwise(left)


def _caps(scheme: Scheme) -> dict[str, nw.Expr]:
    found = {}
    for party in scheme.parties:
        caps = [_cap(cap) for cap in scheme.caps if cap.scope == "loan" and cap.party == party.id]
        none = nw.lit(None).cast(nw.Int64)
        found[f"cap_{party.id}_fen"] = nw.min_horizontal(*caps) if caps else none
    return found


def _apportioned(loans: Frame, scheme: Scheme) -> Frame:
    """Round down, then one fen each to the largest remainders, earlier layers first on a tie."""
    parties = [layer.party for layer in scheme.layers]
    steps = {party: nw.col("loss_fen") * nw.col(f"share_{party}_ppm") for party in parties}
    floors = loans.with_columns(
        **{f"part_{party}": step // PPM for party, step in steps.items()},
        **{f"left_{party}": step % PPM for party, step in steps.items()},
    )
    short = reduce(lambda a, b: a - b, [nw.col(f"part_{p}") for p in parties], nw.col("loss_fen"))
    extra = {}
    for j, party in enumerate(parties):
        own = nw.col(f"left_{party}")
        before = [(nw.col(f"left_{p}") >= own).cast(nw.Int64) for p in parties[:j]]
        after = [(nw.col(f"left_{p}") > own).cast(nw.Int64) for p in parties[j + 1 :]]
        rank = reduce(lambda a, b: a + b, [*before, *after])
        extra[f"held_{party}"] = nw.col(f"part_{party}") + (rank < short).cast(nw.Int64)
    return floors.with_columns(**extra)


def _spilled(loans: Frame, scheme: Scheme) -> Frame:
    """Caps in the order of the layers; what is above goes to a later one."""
    found = loans
    bound = {cap.party for cap in scheme.caps if cap.scope == "loan"}
    for layer in scheme.layers:
        held, cap = nw.col(f"held_{layer.party}"), nw.col(f"cap_{layer.party}_fen")
        pays = f"pays_{layer.party}_fen"
        if layer.party not in bound:
            found = found.with_columns(held.alias(pays))
            continue
        found = found.with_columns(nw.when(held > cap).then(cap).otherwise(held).alias(pays))
        more = nw.col(f"held_{layer.spill}") + held - nw.col(pays)
        found = found.with_columns(more.alias(f"held_{layer.spill}"))
    return found
