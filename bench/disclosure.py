"""`make bench-disclosure`: published metrics, and the score on Korea. Last line: one JSON object.

The score was written before it was held against any outcome, and nothing was changed after.
`TECHFLOW_DATA` is the folder of the sets. Intervals: bootstrap of whole firms, 95 %.
"""

import csv
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from bench.policy import say
from techflow.credit import auc, ndcg_at
from techflow_service.disclosing.running import check_book, read_book
from techflow_service.imports.korea import is_distress

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHED_YEARS = range(2003, 2009)
CLOSED_YEARS = (2015, 2016, 2017)
"""Their 850 days end before the last delisting of the set (18 December 2020)."""
HORIZON_DAYS = 850
RESAMPLES_N, FOLDS_N, SEED = 2000, 5, 7
AUDIT_WORDS = ["감사의견", "감사범위"]


def measure_published() -> dict[str, float]:
    """Mean over 2003-08 of the figures of Bao et al. (2020), JAR 58(1), on their own scores."""
    folder = DATA / "misstatements"
    years = [
        np.loadtxt(folder / f"prediction_rusboost28_{y}.csv", delimiter=",")
        for y in PUBLISHED_YEARS
    ]
    return {
        "bao_auc": round(float(np.mean([auc(t[:, 2], t[:, 3]).value for t in years])), 3),
        "bao_ndcg": round(
            float(np.mean([ndcg_at(t[:, 2], t[:, 3], top_share=0.01) for t in years])), 3
        ),
    }


def count_overlap() -> dict[str, int | None]:
    """Firm-years of the misstatements whose accounts are at hand, through the CIK."""
    with (DATA / "misstatements/aaer_firm_year.csv").open() as lines:
        misstated = {
            (int(float(row["CIK"])), int(row["YEARA"]))
            for row in csv.DictReader(lines)
            if row["CIK"].strip() and row["YEARA"].strip()
        }
    with (DATA / "us_listed/nyse_securities.csv").open() as lines:
        ciks = {row["Ticker Symbol"]: int(row["CIK"]) for row in csv.DictReader(lines)}
    with (DATA / "us_listed/nyse_fundamentals.csv").open() as lines:
        told = {
            (ciks[row["Ticker Symbol"]], int(row["Period Ending"][-4:]))
            for row in csv.DictReader(lines)
            if row["Ticker Symbol"] in ciks
        }
    return {
        "disclosure_auc_misstatements": None,
        "misstated_firm_years_n": len(misstated),
        "misstated_with_accounts_n": len(misstated & told),
    }


def read_korea() -> pl.DataFrame:
    """Separate statements in won of closed years, with the outcome of the sealed definition."""
    folder = DATA / "korea_dart"
    book = read_book(folder / "firm_year_2015_2019.csv.gz", moment=MOMENT)
    rows = check_book(book, as_of=date(2020, 12, 31)).rows
    gone = (
        pl.read_csv(folder / "delisting_events_2016_2020.csv", infer_schema=False)
        .filter(is_distress(pl.col("reason")))
        .select(
            firm_id="kr.stock:" + pl.col("stock_code").str.zfill(6),
            gone_on=pl.col("delist_date").str.to_date(),
            audit=pl.col("reason").str.contains_any(AUDIT_WORDS),
        )
        .unique("firm_id")
    )
    days = (pl.col("gone_on") - pl.col("period_end_on")).dt.total_days()
    kept = rows.filter(
        pl.col("basis") == "separate",
        pl.col("currency") == "KRW",
        pl.col("period_end_on").dt.year().is_in(CLOSED_YEARS),
    )
    return kept.join(gone, on="firm_id", how="left").with_columns(
        event=((days > 0) & (days <= HORIZON_DAYS)).fill_null(False).cast(pl.Float64),
        audit=pl.col("audit").fill_null(False),
    )


def resample(rows: pl.DataFrame, measure) -> list[float]:
    """Lower end, value, upper end: firms with and without an event drawn apart, with all years."""
    firms = rows["firm_id"].rank("dense").to_numpy().astype(int) - 1
    order = np.argsort(firms, kind="stable")
    ends = np.searchsorted(firms[order], np.arange(firms.max() + 2))
    hit = np.bincount(firms, weights=rows["event"].to_numpy()) > 0
    groups = np.flatnonzero(hit), np.flatnonzero(~hit)
    rng, found = np.random.default_rng(SEED), []
    for _ in range(RESAMPLES_N):
        drawn = np.concatenate([rng.choice(group, group.size) for group in groups])
        found.append(measure(np.concatenate([order[ends[f] : ends[f + 1]] for f in drawn])))
    low, high = np.quantile(found, [0.025, 0.975])
    return [round(float(x), 3) for x in (low, measure(np.arange(rows.height)), high)]


def measure_auc(rows: pl.DataFrame, column: str = "disclosure_score") -> list[float]:
    """AUC of a column with its interval."""
    known = rows.drop_nulls(column)
    y, s = known["event"].to_numpy(), known[column].to_numpy()
    return resample(known, lambda at: auc(y[at], s[at]).value)


def plain_features(rows: pl.DataFrame) -> np.ndarray:
    """What any distress card looks at first."""
    assets, equity = pl.col("total_assets_lcy"), pl.col("total_equity_lcy")
    stock = pl.col("capital_stock_lcy")
    found = rows.select(
        pl.col("total_liabilities_lcy") / assets,
        pl.col("net_income_lcy") / assets,
        pl.col("retained_earnings_lcy") / assets,
        (stock - equity) / stock,
        assets.clip(1.0).log(),
        pl.col("disclosure_score"),
    )
    return found.to_numpy().astype(float)


def held_out(x: np.ndarray, y: np.ndarray, firms: np.ndarray) -> np.ndarray:
    """Log-odds of a logistic card on firms it was not fitted on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fold = np.random.default_rng(SEED).integers(0, FOLDS_N, firms.max() + 1)[firms]
    found = np.zeros(y.size)
    for k in range(FOLDS_N):
        train = fold != k
        low, high = np.nanquantile(x[train], [0.01, 0.99], axis=0)
        middle = np.nanmedian(x[train], axis=0)
        z = np.clip(np.where(np.isfinite(x), x, middle), low, high)
        card = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
        card.fit(z[train], y[train])
        found[~train] = card.decision_function(z[~train])
    return found


def measure_gain(rows: pl.DataFrame) -> dict[str, list[float]]:
    """AUC of a plain distress card without and with the score, and the difference."""
    x, y = plain_features(rows), rows["event"].to_numpy()
    firms = rows["firm_id"].rank("dense").to_numpy().astype(int) - 1
    plain, more = held_out(x[:, :-1], y, firms), held_out(x, y, firms)
    return {
        "korea_auc_plain": resample(rows, lambda at: auc(y[at], plain[at]).value),
        "korea_auc_plain_and_score": resample(rows, lambda at: auc(y[at], more[at]).value),
        "korea_auc_gain": resample(
            rows, lambda at: auc(y[at], more[at]).value - auc(y[at], plain[at]).value
        ),
    }


def measure_korea() -> dict[str, object]:
    """Does the score tell firms that are delisted for distress, and by what their reason says."""
    rows = read_korea()
    hit = pl.col("event") == 1.0
    parts = [name for name in rows.columns if name.startswith("part_")]
    told = {
        name.removeprefix("part_"): round(
            auc(
                rows.drop_nulls(name)["event"].to_numpy(), rows.drop_nulls(name)[name].to_numpy()
            ).value,
            3,
        )
        for name in parts
        if rows[name].count() and rows.drop_nulls(name)["event"].sum() > 0
    }
    say("intervals")
    return {
        "disclosure_auc_korea": measure_auc(rows),
        "korea_rows_n": rows.height,
        "korea_unscored_n": rows["disclosure_score"].null_count(),
        "korea_events_n": int(rows["event"].sum()),
        "korea_events_audit_n": rows.filter(hit, "audit").height,
        "korea_firms_gone_n": rows.filter(hit)["firm_id"].n_unique(),
        "korea_firms_gone_audit_n": rows.filter(hit, "audit")["firm_id"].n_unique(),
        "disclosure_auc_korea_audit": measure_auc(rows.filter(~hit | pl.col("audit"))),
        "disclosure_auc_korea_other": measure_auc(rows.filter(~hit | ~pl.col("audit"))),
        "disclosure_auc_korea_2016_17": measure_auc(
            rows.filter(pl.col("period_end_on").dt.year() > CLOSED_YEARS[0])
        ),
        "korea_auc_by_signal": told,
        "korea_benford_below_5_share": round(float((rows["benford_p"] < 0.05).mean()), 3),
    } | measure_gain(rows)


if __name__ == "__main__":
    say("published scores")
    found: dict[str, object] = measure_published() | count_overlap()
    say("Korea")
    print(json.dumps(found | measure_korea()))
