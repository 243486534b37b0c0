"""What must hold of a scheme before a fen is split by it."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from techflow.basics import InvalidInput
from techflow.pool.numbers import Said, Slot, to_fen, to_ppm
from techflow.pool.scheme import Cap, Layer, Limit, Scheme

MONEY = ("cny", "usd")
ONE = Fraction(1)


def check_scheme(scheme: Scheme) -> None:
    """Check a settled scheme.

    Args:
        scheme: The scheme with the numbers of a day.

    Raises:
        InvalidInput: Every problem found, each on a line.
    """
    if problems := list(find_problems(scheme)):
        raise InvalidInput(f"scheme {scheme.id} is wrong:\n  " + "\n  ".join(problems))


def find_problems(scheme: Scheme) -> Iterator[str]:
    """Each problem of a settled scheme, in words.

    Args:
        scheme: The scheme with the numbers of a day.

    Yields:
        One sentence per problem.
    """
    yield from _names(scheme)
    yield from _spills(scheme)
    yield from _shares(scheme)
    yield from _amounts(scheme)
    yield from _recovery(scheme)


def _names(scheme: Scheme) -> Iterator[str]:
    parties = [party.id for party in scheme.parties]
    order = [layer.party for layer in scheme.layers]
    if parties != order or len(set(parties)) != len(parties) or len(parties) < 2:
        yield (
            f"parties and layers must be the same, in the same order, each once, two or more; "
            f"got parties {parties}, layers {order}"
        )
    named = [layer.spill for layer in scheme.layers if layer.spill]
    named += [cap.party for cap in scheme.caps] + [fund.party for fund in scheme.funding]
    named += [party for breaker in scheme.breakers for party in breaker.stops]
    for name in sorted(set(named) - set(parties)):
        yield f"there is no party {name}; it has {', '.join(parties)}"


def _spills(scheme: Scheme) -> Iterator[str]:
    order = [layer.party for layer in scheme.layers]
    for at, layer in enumerate(scheme.layers[:-1]):
        if layer.spill in order and order.index(layer.spill) <= at:
            yield f"layer {layer.party} spills to {layer.spill}, which must be a later layer"
    last = order[-1] if order else ""
    if last in bound_parties(scheme) or (scheme.layers and scheme.layers[-1].spill):
        yield f"the last layer {last} bears what is left: it has no cap, purse, breaker or spill"


def bound_parties(scheme: Scheme) -> set[str]:
    """Parties that a cap, a purse or a breaker can keep from paying.

    Args:
        scheme: The scheme.
    """
    bound = {cap.party for cap in scheme.caps} | {fund.party for fund in scheme.funding}
    return bound | {party for breaker in scheme.breakers for party in breaker.stops}


def _shares(scheme: Scheme) -> Iterator[str]:
    rest = [layer for layer in scheme.layers if not layer.parts]
    ranges = {layer.party: share_range(layer) for layer in scheme.layers if layer.parts}
    low, high = (sum((pair[end] for pair in ranges.values()), Fraction(0)) for end in (0, 1))
    if len(rest) > 1:
        yield f"only one layer can take the rest; got {', '.join(r.party for r in rest)}"
    if not rest and (low, high) != (ONE, ONE):
        yield f"shares must add to 100 %; they add to {float(low):.6%} to {float(high):.6%}"
    if rest and high > ONE:
        yield f"shares can add to {float(high):.6%}, more than 100 %; lower one or set share_max"
    for layer in rest:
        ranges[layer.party] = (max(ONE - high, Fraction(0)), ONE - low)
    for layer in scheme.layers:
        yield from _bounds(layer, *ranges[layer.party])
        for slot in (*(part.share for part in layer.parts), layer.share_max):
            yield from _each(slot, f"share of {layer.party}", "share")


def share_range(layer: Layer) -> tuple[Fraction, Fraction]:
    """Least and most share a layer can take.

    Args:
        layer: A layer of a settled scheme with terms.
    """
    low = [
        Fraction(0) if part.flags or part.codes else _said(part.share).least for part in layer.parts
    ]
    high = [_said(part.share).most for part in layer.parts]
    pick = max if layer.combine == "best" else sum
    most = _said(layer.share_max).most if layer.share_max else ONE * 2
    return min(Fraction(pick(low)), most), min(Fraction(pick(high)), most)


def _bounds(layer: Layer, low: Fraction, high: Fraction) -> Iterator[str]:
    if layer.bound_min and low < _said(layer.bound_min).value:
        bound = float(_said(layer.bound_min).value)
        yield f"share of {layer.party} may be {float(low):.2%}; the least allowed is {bound:.2%}"
    if layer.bound_max and high > _said(layer.bound_max).value:
        bound = float(_said(layer.bound_max).value)
        yield f"share of {layer.party} may be {float(high):.2%}; the most allowed is {bound:.2%}"


def _amounts(scheme: Scheme) -> Iterator[str]:
    for cap in scheme.caps:
        yield from _cap(cap, scheme.currency)
    for fund in scheme.funding:
        for slot in (fund.amount, fund.a_year):
            yield from _each(slot, f"funding of {fund.party} by {fund.source}", scheme.currency)
    for breaker in scheme.breakers:
        yield from _each(breaker.rate, f"breaker by {breaker.scope}", "share")
    for limit in scheme.limits:
        yield from _limit(limit)


def _cap(cap: Cap, currency: str) -> Iterator[str]:
    unit = _said(cap.amount).unit
    allowed = "share" if unit == "share" else currency
    yield from _each(cap.amount, f"cap of {cap.party} by {cap.scope}", allowed)


def _limit(limit: Limit) -> Iterator[str]:
    if limit.codes is not None and not _said(limit.codes).codes:
        yield f"limit on {limit.fact} names a number where codes are needed"
    for slot in (limit.most, limit.raised):
        if slot is not None and _said(slot).value < 0:
            yield f"limit on {limit.fact} must be 0 or more; got {float(_said(slot).value):,}"


def _each(slot: Slot | None, where: str, unit: str) -> Iterator[str]:
    if slot is None:
        return
    said = _said(slot)
    if said.codes or (said.unit != unit and not said.cuts):
        yield f"{where} must be in {unit}; got {said.unit or 'codes'}"
        return
    convert = to_ppm if unit == "share" or said.cuts else to_fen
    for value in (said.value, *(cut.gives for cut in said.cuts)):
        try:
            convert(where, value)
        except InvalidInput as error:
            yield str(error)


def _recovery(scheme: Scheme) -> Iterator[str]:
    named = Counter(party for group in scheme.recovery for party in group)
    wanted = Counter(party.id for party in scheme.parties)
    if named != wanted:
        yield f"recovery order must name each party once; got {[list(g) for g in scheme.recovery]}"


def _said(slot: Slot) -> Said:
    if not isinstance(slot, Said):
        raise InvalidInput(f"{slot.policy} {slot.param} is not filled in; settle the scheme first")
    return slot
