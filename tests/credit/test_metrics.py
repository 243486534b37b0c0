"""Metrics against scikit-learn, the definition of DeLong written out, and published figures."""

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as sk
from scipy.stats import ks_2samp

from techflow.basics import InvalidInput
from techflow.credit import auc, average_precision, brier_score, ks_distance, log_loss, ndcg_at


@pytest.fixture(
    params=range(6), ids=["smooth", "tied", "two values", "few events", "half", "large"]
)
def drawn(request):
    """Events and scores, without and with ties."""
    rng = np.random.default_rng(request.param)
    n = (500, 400, 300, 1000, 60, 5000)[request.param]
    y = (rng.random(n) < (0.3, 0.2, 0.4, 0.005, 0.5, 0.01)[request.param]).astype(float)
    y[:2] = 0.0, 1.0
    y[-2:] = 0.0, 1.0
    scores = y + rng.normal(0.0, 1.5, n)
    steps = (0, 3, 1, 10, 0, 50)[request.param]
    return y, np.round(scores * steps) / steps if steps else scores


def test_equal_to_scikit_learn(drawn):
    y, s = drawn
    assert auc(y, s).value == pytest.approx(sk.roc_auc_score(y, s), abs=1e-12)
    assert average_precision(y, s) == pytest.approx(sk.average_precision_score(y, s), abs=1e-12)
    p = 1.0 / (1.0 + np.exp(-s))
    assert brier_score(y, p) == pytest.approx(sk.brier_score_loss(y, p), abs=1e-12)
    assert log_loss(y, p) == pytest.approx(sk.log_loss(y, p), abs=1e-12)
    assert ks_distance(y, s) == pytest.approx(ks_2samp(s[y == 1], s[y == 0]).statistic, abs=1e-12)


def test_error_of_the_auc_is_delongs_definition(drawn):
    """DeLong et al. (1988), equations 3 to 6, pair by pair."""
    y, s = drawn
    hit, miss = s[y == 1.0], s[y == 0.0]
    psi = (hit[:, None] > miss).astype(float) + 0.5 * (hit[:, None] == miss)
    by_event, by_other = psi.mean(axis=1), psi.mean(axis=0)
    variance = by_event.var(ddof=1) / hit.size + by_other.var(ddof=1) / miss.size
    assert auc(y, s).se == pytest.approx(np.sqrt(variance), abs=1e-12)


def test_ndcg_equals_scikit_learn_without_ties(drawn):
    y, s = drawn
    if np.unique(s).size == s.size:
        top_n = max(1, round(0.1 * y.size))
        expected = sk.ndcg_score(y[None], s[None], k=top_n)
        assert ndcg_at(y, s, top_share=0.1) == pytest.approx(expected, abs=1e-12)


def test_figures_of_bao_et_al_2020(shared):
    """Mean over 2003-2008: AUC 0.725, NDCG at 1 % 0.049 (JAR 58(1), table 5, RUSBoost)."""
    years = [
        pl.read_csv(path, has_header=False).to_numpy()
        for path in sorted((shared / "misstatements").glob("prediction_rusboost28_*.csv"))
    ]
    assert len(years) == 6
    assert np.mean([auc(t[:, 2], t[:, 3]).value for t in years]) == pytest.approx(0.725, abs=5e-4)
    gains = [ndcg_at(t[:, 2], t[:, 3], top_share=0.01) for t in years]
    assert np.mean(gains) == pytest.approx(0.049, abs=5e-4)


def test_one_event_has_no_error():
    assert np.isnan(auc(np.array([0.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0])).se)


@pytest.mark.parametrize(
    "events, scores",
    [([0, 0], [1, 2]), ([1, 1], [1, 2]), ([0, 2], [1, 2]), ([0, 1], [1, np.nan]), ([0, 1], [1])],
)
def test_what_cannot_be_measured_is_refused(events, scores):
    for metric in (auc, average_precision, ks_distance, brier_score):
        with pytest.raises(InvalidInput):
            metric(np.array(events, float), np.array(scores, float))


def test_log_loss_refuses_certainty():
    with pytest.raises(InvalidInput, match=r"min 0\.0"):
        log_loss(np.array([0.0, 1.0]), np.array([0.0, 0.5]))
