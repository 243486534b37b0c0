"""Two ways to lend over the same draws: who borrows, what is lost, what the public purse pays.

Needs the extra `simulate`.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput
from techflow.flow.solvency import play
from techflow.flow.solvency_book import (
    Book,
    Flags,
    Integers,
    Outcome,
    Run,
    Variant,
    World,
    check_book,
)
from techflow.flow.solvency_draws import Laid, draw_worlds, lay_out
from techflow.matching import build_market
from techflow.matching.yuan import match_yuan
from techflow.pool import Loans as Split
from techflow.pool import Scheme, build_rules
from techflow.pricing import stay_share

FEN = 100.0
BATCHES_N_MIN = 5
MEASURES = (
    "loans_n",
    "backed_n",
    "lent_cny",
    "interest_cny",
    "public_cny",
    "claims_cny",
    "fees_cny",
    "other_public_cny",
    "bank_loss_cny",
)
"""Sums of a year by region; `public_cny` is claims less fees plus tools outside the scheme."""


class Lent(NamedTuple):
    """Loans that may be made, one row each.

    Attributes:
        amount_cny: Amount.
        region: Number of the region, from 0.
        decay: Pace at which customers leave as the rate rises, see `stay_share`.
        start_rate_pa: Rate up to which nobody leaves.
        loss_share: Expected loss of a year over the amount.
        backed: Row of each loan in the book of the scheme, -1 outside.
    """

    amount_cny: Floats
    region: Integers
    decay: Floats
    start_rate_pa: Floats
    loss_share: Floats
    backed: Integers


@dataclass(frozen=True, slots=True)
class Side:
    """One way to lend, by loan; rates a year.

    Attributes:
        plain_rate_pa: Without tools.
        rate_pa: The cheaper of plain and backed.
        fee_rate_pa: Paid to the guarantor.
        public_rate_pa: Public tools outside the scheme.
        inside: Backed by the scheme.
        split: Shares and caps of the scheme, by row of the book.
        scheme: Settled.
    """

    plain_rate_pa: Floats
    rate_pa: Floats
    fee_rate_pa: Floats
    public_rate_pa: Floats
    inside: Flags
    split: Split
    scheme: Scheme


class Drawn(NamedTuple):
    """What was drawn.

    Attributes:
        sums: By batch, side, measure of `MEASURES` and region.
        saved_cny: Interest saved by those who borrow either way, by batch and region.
        paid_cny: Borne by each party of the scheme, by batch, side and party.
        public_step_cny: Change of public claims in each scenario.
    """

    sums: Floats
    saved_cny: Floats
    paid_cny: Floats
    public_step_cny: Floats


class Step(NamedTuple):
    """A change with its error over batches.

    Attributes:
        before: Mean as it is.
        after: Mean after the change.
        value: Mean of the paired differences.
        error: Its standard error.
        low: Lower end of the interval of 95 %.
        high: Upper end.
    """

    before: float
    after: float
    value: float
    error: float
    low: float
    high: float


def back_only(side: Side, inside: Flags) -> Side:
    """The side when the scheme backs only some loans; the others stay plain.

    Args:
        side: As offered.
        inside: Loans that stay backed.
    """
    return replace(
        side,
        inside=inside,
        rate_pa=np.where(inside, side.rate_pa, side.plain_rate_pa),
        fee_rate_pa=np.where(inside, side.fee_rate_pa, 0.0),
        public_rate_pa=np.where(inside, side.public_rate_pa, 0.0),
    )


def ration(lent: Lent, side: Side, capacity_cny: Floats) -> Side:
    """The side when the scheme may back only so much in each region.

    Places go to the loans that together save most interest, by `match_yuan`; the others stay
    plain.

    Args:
        lent: The loans.
        side: Without a bound.
        capacity_cny: Principal the scheme may back, by region; infinite for no bound.
    """
    bounded = side.inside & np.isfinite(capacity_cny)[lent.region]
    at = np.flatnonzero(bounded)
    if at.size == 0:
        return side
    region, amount = lent.region[at], lent.amount_cny[at]
    saved = (side.plain_rate_pa - side.rate_pa)[at] * amount
    none = np.ones(len(capacity_cny), np.int64)
    gains = saved, np.zeros(at.size)
    market = build_market(np.arange(at.size), region, gains, firms_n=at.size, places_n=none)
    room = np.where(np.isfinite(capacity_cny), np.maximum(capacity_cny, 0.01), 1.0)
    choice = match_yuan(market, amount, room).choice
    inside = side.inside.copy()
    inside[at[choice < 0]] = False
    return back_only(side, inside)


def draw_experiment(
    lent: Lent, sides: tuple[Side, Side], book: Book, world: World, run: Run, *, batches_n: int
) -> Drawn:
    """A year of lending in two ways, over common random numbers.

    In each batch every firm draws one number, the same on both sides, that says up to which rate
    it borrows; then the same scenarios of defaults go through the scheme of each side.

    Args:
        lent: The loans.
        sides: As it is and after the change.
        book: Loans that the scheme backs on either side, one year; its `sector` is the region.
        world: How firms hang together.
        run: One year; `scenarios_n` of each batch; seed.
        batches_n: Batches, 5 or more.

    Returns:
        Sums by batch.

    Raises:
        InvalidInput: Too few batches, more than one year, or the parties differ.
    """
    first, second = ([party.id for party in side.scheme.parties] for side in sides)
    if batches_n < BATCHES_N_MIN or run.years_n != 1:
        raise InvalidInput(
            f"batches {BATCHES_N_MIN} or more, years 1; got {batches_n} and {run.years_n}"
        )
    if first != second:
        raise InvalidInput(f"both schemes must have the same parties; got {first} and {second}")
    check_book(book, world, run)
    regions_n = int(lent.region.max()) + 1
    laid = lay_out(book, world, 1)
    stay = [stay_share(side.rate_pa, lent.decay, lent.start_rate_pa) for side in sides]
    sums = np.zeros((batches_n, 2, len(MEASURES), regions_n))
    saved = np.zeros((batches_n, regions_n))
    paid, steps = np.zeros((batches_n, 2, len(first))), []
    for batch in range(batches_n):
        part = run._replace(first=run.first + batch * run.scenarios_n)
        drawn = (book, laid, draw_worlds(world, part), part)
        luck = np.random.default_rng([run.seed, batch]).random(len(lent.region))
        taken = [luck < share for share in stay]
        public = []
        for k, side in enumerate(sides):
            out = _play(lent, side, taken[k], drawn)
            sums[batch, k] = _sums(lent, side, taken[k], out)
            borne = out.paid_fen.sum(axis=1) / FEN
            paid[batch, k] = borne.mean(axis=0)
            public.append(borne.sum(axis=1) - borne[:, _bank(side)])
        gain = (sides[0].rate_pa - sides[1].rate_pa) * lent.amount_cny
        saved[batch] = _by(lent, np.where(taken[0] & taken[1], gain, 0.0), regions_n)
        steps.append(public[1] - public[0])
    return Drawn(sums, saved, paid, np.concatenate(steps))


def _bank(side: Side) -> int:
    """The party that is no public purse: the last bank."""
    kinds = [party.kind for party in side.scheme.parties]
    if kinds.count("bank") != 1:
        raise InvalidInput(f"the scheme must have one bank; got parties of kind {kinds}")
    return kinds.index("bank")


def _play(lent: Lent, side: Side, taken: Flags, drawn: tuple[Book, Laid, Floats, Run]) -> Outcome:
    (book, laid, worlds, run), inside = drawn, lent.backed >= 0
    kept = np.zeros(len(book.firm), np.bool_)
    kept[lent.backed[inside]] = (taken & side.inside)[inside]
    rules = build_rules(side.scheme, side.split, book.filed_fen * kept, years_n=1)
    return play(book, Variant(side.split, rules, kept), laid, (worlds, run), watched=_bank(side))


def _sums(lent: Lent, side: Side, taken: Flags, out: Outcome) -> Floats:
    n = int(lent.region.max()) + 1
    backed = taken & side.inside
    money = np.where(taken, lent.amount_cny, 0.0)
    told = np.zeros((2, n))
    lost = out.sector_fen.mean(axis=0) / FEN
    told[:, : len(lost)] = lost.T
    claims, bank = told[0] - told[1], told[1]
    fees = _by(lent, money * side.fee_rate_pa, n)
    other = _by(lent, money * side.public_rate_pa, n)
    plain_loss = np.where(backed, 0.0, money * lent.loss_share)
    rows = (
        _by(lent, taken, n),
        _by(lent, backed, n),
        _by(lent, money, n),
        _by(lent, money * side.rate_pa, n),
        claims - fees + other,
        claims,
        fees,
        other,
        bank + _by(lent, plain_loss, n),
    )
    return np.stack(rows)


def _by(lent: Lent, values: Floats | Flags, n: int) -> Floats:
    return np.asarray(np.bincount(lent.region, values, minlength=n), np.float64)


def tell_step(before: Floats, after: Floats) -> Step:
    """The mean paired difference over batches.

    Args:
        before: By batch, as it is.
        after: By batch, after the change.

    Returns:
        Means, difference, error and an interval of 95 % by Student's t.

    Source:
        Common random numbers: Law (2015), Simulation Modeling and Analysis, 11.2; quantile of t by
        Abramowitz and Stegun 26.7.5, within 3e-3 of it from 5 batches on.

    Examples:
        >>> step = tell_step(np.zeros(5), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        >>> step.value, round(step.error, 4), round(step.low, 2), round(step.high, 2)
        (3.0, 0.7071, 1.04, 4.96)
    """
    step, n = after - before, len(before)
    error = float(step.std(ddof=1)) / n**0.5
    half = _student(n - 1) * error
    mean = float(step.mean())
    return Step(float(before.mean()), float(after.mean()), mean, error, mean - half, mean + half)


def _student(freedom: int) -> float:
    """0.975 quantile of Student's t, from that of the normal."""
    z = 1.959963984540054
    first, second = (z**3 + z) / 4.0, (5 * z**5 + 16 * z**3 + 3 * z) / 96.0
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384.0
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160.0
    terms = first, second, third, fourth
    return z + sum(term / float(freedom) ** (k + 1) for k, term in enumerate(terms))
