"""Two ways to lend over common random numbers: closed forms, nothing changed, places by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from techflow.basics import InvalidInput
from techflow.flow.experiment_draws import (
    MEASURES,
    Lent,
    Side,
    draw_experiment,
    ration,
    tell_step,
)
from techflow.flow.solvency_book import Book, Run, World
from techflow.pool import NO_CAP, read_scheme
from techflow.pool import Loans as Split

N, AMOUNT, LGD = 400, 1e6, 0.5


def own(value):
    return {"value": value, "unit": "share", "reference": "x", "status": "text"}


SCHEME = read_scheme(
    {
        "id": "demo",
        "zh": "示例",
        "en": "Demo",
        "issuer": "x",
        "policy": "cn.demo",
        "currency": "cny",
        "base": "principal_loss",
        "since": date(2024, 1, 1),
        "reference": "x",
        "status": "text",
        "party": [
            {"id": "pool", "zh": "池", "en": "Pool", "kind": "government"},
            {"id": "bank", "zh": "银行", "en": "Bank", "kind": "bank"},
        ],
        "layer": [{"party": "pool", "share": own("40%")}, {"party": "bank", "share": "rest"}],
        "recovery": {"order": [["pool", "bank"]], "status": "text"},
    }
)
PD = np.linspace(0.01, 0.05, N)
REGION = np.arange(N) % 3


def split(pool_ppm):
    share = np.tile([pool_ppm, 1_000_000 - pool_ppm], (N, 1))
    zero, one = np.zeros(N, np.int64), np.ones(N, np.int64)
    return Split(share, np.full((N, 2), NO_CAP), np.zeros((N, 4), np.int64), zero, one)


def side(rate, pool_ppm=400_000, fee=0.0, inside=True):
    flags = np.full(N, inside)
    plain, zero = np.full(N, 0.08), np.zeros(N)
    chosen = np.where(flags, rate, plain)
    return Side(plain, chosen, np.full(N, fee), zero, flags, split(pool_ppm), SCHEME)


LENT = Lent(np.full(N, AMOUNT), REGION, np.full(N, 20.0), np.full(N, 0.04), PD * LGD, np.arange(N))
BOOK = Book(
    split(400_000),
    np.full(N, int(AMOUNT * 100)),
    np.arange(N),
    PD,
    np.full(N, LGD),
    np.full(N, AMOUNT),
    REGION,
    np.zeros(N, np.int64),
    np.ones(N, np.int64),
)
WORLD = World(np.array([[0.3]]), 0.0)
RUN = Run(1, 100, 7)


def draw(*sides, batches_n=20):
    return draw_experiment(LENT, sides, BOOK, WORLD, RUN, batches_n=batches_n)


def whole(drawn, name):
    cells = drawn.sums[:, :, MEASURES.index(name)].sum(axis=2)
    return tell_step(cells[:, 0], cells[:, 1])


def test_nothing_changed_changes_nothing():
    drawn = draw(side(0.05), side(0.05))
    for name in MEASURES:
        step = whole(drawn, name)
        assert step.value == step.error == 0.0
    assert not drawn.public_step_cny.any() and not drawn.saved_cny.any()


def test_means_are_those_of_the_closed_form():
    """Without caps: amount x exp(-decay (r - start)) x PD x LGD x share; CRN keeps pairs apart."""
    drawn = draw(side(0.07, 400_000, 0.01), side(0.05, 600_000, 0.005))
    stay = np.exp(-20.0 * np.array([0.03, 0.01]))
    lost = AMOUNT * (PD * LGD).sum()
    wanted = {
        "loans_n": N * stay,
        "backed_n": N * stay,
        "lent_cny": N * AMOUNT * stay,
        "interest_cny": N * AMOUNT * stay * [0.07, 0.05],
        "claims_cny": lost * stay * [0.4, 0.6],
        "fees_cny": N * AMOUNT * stay * [0.01, 0.005],
        "bank_loss_cny": lost * stay * [0.6, 0.4],
    }
    wanted["public_cny"] = wanted["claims_cny"] - wanted["fees_cny"]
    for name, (before, after) in wanted.items():
        step = whole(drawn, name)
        assert abs(step.value - (after - before)) < 4.0 * step.error, name
    # who borrows at 7 % also does at 5 %: the pairs share their luck
    saved = drawn.saved_cny.sum(axis=1)
    expected = N * AMOUNT * stay[0] * 0.02
    assert abs(saved.mean() - expected) < 4.0 * saved.std(ddof=1) / len(saved) ** 0.5
    assert (drawn.sums[:, 1, 0] >= drawn.sums[:, 0, 0]).all()
    assert np.allclose(drawn.paid_cny.sum(axis=2), drawn.sums[:, :, [5, 8]].sum(axis=(2, 3)))


def test_common_numbers_make_the_difference_far_surer_than_two_runs():
    first, second = side(0.06, 400_000), side(0.06, 420_000)
    drawn = draw(first, second)
    paired = whole(drawn, "claims_cny").error
    claims = drawn.sums[:, :, MEASURES.index("claims_cny")].sum(axis=2)
    apart = np.sqrt(claims.var(axis=0, ddof=1).sum() / len(claims))
    assert paired < apart / 5.0


def test_a_loan_outside_stays_plain_and_the_bank_bears_it():
    drawn = draw(side(0.05, inside=False), side(0.05))
    assert drawn.sums[:, 0, MEASURES.index("claims_cny")].sum() == 0.0
    stay = np.exp(-20.0 * 0.04)
    step = whole(drawn, "bank_loss_cny")
    assert abs(step.before / (AMOUNT * (PD * LGD).sum() * stay) - 1.0) < 0.05


def test_places_go_to_those_who_save_most():
    """Room for two of three equal loans a region: the two with the largest saving, by hand."""
    rate = np.linspace(0.03, 0.07, N)
    few = ration(LENT, side(rate), np.array([2 * AMOUNT, np.inf, 0.0]))
    assert np.flatnonzero(few.inside & (REGION == 0)).tolist() == [0, 3]
    assert few.inside[REGION == 1].all() and not few.inside[REGION == 2].any()
    assert (few.rate_pa[~few.inside] == 0.08).all()


def test_interval_is_students():
    """0.975 quantiles of t: 2.776 at 4, 2.093 at 19 degrees of freedom (any table)."""
    for n, quantile in ((5, 2.776), (20, 2.093)):
        values = np.arange(n, dtype=float)
        step = tell_step(np.zeros(n), values)
        assert (step.high - step.value) / step.error == pytest.approx(quantile, abs=1e-3)
        assert step.error == pytest.approx(values.std(ddof=1) / n**0.5)


def test_refuses():
    with pytest.raises(InvalidInput, match="batches 5 or more"):
        draw(side(0.05), side(0.05), batches_n=4)
    odd = replace(SCHEME, parties=SCHEME.parties[::-1])
    with pytest.raises(InvalidInput, match="same parties"):
        draw(side(0.05), replace(side(0.05), scheme=odd))
