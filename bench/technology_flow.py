"""`make bench-technology-flow`: does technology evidence add to the ratios? Last line: one JSON.

Target in the US: an agency rating below investment grade; in Korea: delisting for distress. Each
row is scored by models that never saw its firm (five folds of whole firms, mean over partitions),
with and without the technology columns. The gain has a paired DeLong interval, which takes rows as
independent, and a bootstrap interval over firms, which does not.
"""

import json
import os
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits

from techflow.credit import auc
from techflow_service.training.validate import grouped_folds

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
SEED, FOLDS_N, PARTITIONS_N, DRAWS_N = 20260131, 5, 4, 400
NORMAL_95 = 1.959963984540054
POWER_80 = 0.8416212335729143
FILING_DAYS = 90
PATENT_YEARS = 5
INVESTMENT_GRADE = ("AAA", "AA", "A", "BBB")
DISTRESS = "감사|상장폐지|자본|부도|계속성|보고서|회생|파산"
NOT_DISTRESS = "해산|합병|완전자회사|신청|이전"
HORIZON_DAYS = 850
LAST_CLOSED_YEAR = 2017
TREES = {
    "n_estimators": 150,
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_child_samples": 20,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.5,
    "n_jobs": 1,
    "verbose": -1,
}


def placements(events, scores):
    """For each event the share of others below it, for each other the share of events above."""
    hit, miss = scores[events == 1], scores[events == 0]
    low, high = np.sort(hit), np.sort(miss)
    above = np.searchsorted(high, hit, "left") + np.searchsorted(high, hit, "right")
    below = np.searchsorted(low, miss, "left") + np.searchsorted(low, miss, "right")
    return above / (2 * miss.size), 1 - below / (2 * hit.size)


def paired_delong(events, scores, others):
    """AUC of `scores` less AUC of `others` on the same rows, and its error (DeLong et al. 1988)."""
    first, second = placements(events, scores), placements(events, others)
    parts = [one - two for one, two in zip(first, second, strict=True)]
    variance = sum(part.var(ddof=1) / part.size for part in parts)
    return float(parts[0].mean()), float(np.sqrt(variance))


def firm_bootstrap(firms, events, scores, others, *, seed=SEED):
    """95 % interval of the gain, firms drawn with replacement."""
    rng = np.random.default_rng(seed)
    _, member = np.unique(firms, return_inverse=True)
    rows_of = [np.flatnonzero(member == k) for k in range(member.max() + 1)]
    gains = []
    for _ in range(DRAWS_N):
        rows = np.concatenate([rows_of[k] for k in rng.integers(0, len(rows_of), len(rows_of))])
        y = events[rows]
        if 0 < y.sum() < y.size:
            gains.append(auc(y, scores[rows]).value - auc(y, others[rows]).value)
    return tuple(float(edge) for edge in np.quantile(gains, (0.025, 0.975)))


def logistic(train, y, test, seed):
    """Ridge logistic on normal ranks; unknown is the middle, with a flag of its own."""
    ranks = QuantileTransformer(
        n_quantiles=100, output_distribution="normal", random_state=seed
    ).fit(train)

    def design(x):
        with_middle = np.nan_to_num(np.clip(ranks.transform(x), -3, 3))
        return np.column_stack([with_middle, np.isnan(x)[:, flagged]])

    flagged = np.isnan(train).any(axis=0)
    model = LogisticRegression(C=0.1, max_iter=2000).fit(design(train), y)
    return model.decision_function(design(test))


def boosting(train, y, test, seed):
    model = lightgbm.LGBMClassifier(**TREES, random_state=seed).fit(train, y)
    return model.predict(test, raw_score=True)


LEARNERS = {"logistic": logistic, "boosting": boosting}


def told(learner, x, y, firms):
    """Score of each row from models that never saw its firm, mean over partitions."""
    total = np.zeros(y.size)
    for partition in range(PARTITIONS_N):
        fold = grouped_folds(firms, y, folds_n=FOLDS_N, seed=SEED + partition)
        for k in range(FOLDS_N):
            test = fold == k
            total[test] += learner(x[~test], y[~test], x[test], SEED + partition)
    return total / PARTITIONS_N


def gain(table, base, added, target, prefix):
    """AUC without and with the added columns, and the gain with both intervals, per learner."""
    y, firms = table[target].cast(pl.Float64).to_numpy(), table["firm"].to_list()
    x = table.select(base).cast(pl.Float64).to_numpy()
    more = np.column_stack([x, table.select(added).cast(pl.Float64).to_numpy()])
    found = {f"{prefix}_rows_n": y.size, f"{prefix}_events_n": int(y.sum())}
    found[f"{prefix}_firms_n"] = len(set(firms))
    for name, learner in LEARNERS.items():
        plain, full = told(learner, x, y, firms), told(learner, more, y, firms)
        value, se = paired_delong(y, full, plain)
        low, high = firm_bootstrap(firms, y, full, plain)
        key = f"{prefix}_{name}"
        found |= {f"{key}_auc_without": auc(y, plain).value, f"{key}_auc_with": auc(y, full).value}
        found |= {f"{key}_gain": value, f"{key}_gain_low": value - NORMAL_95 * se}
        found |= {f"{key}_gain_high": value + NORMAL_95 * se}
        found |= {f"{key}_gain_firms_low": low, f"{key}_gain_firms_high": high}
        found[f"{key}_gain_detectable"] = (NORMAL_95 + POWER_80) * se
    return found


def read(path, **types):
    return pl.read_csv(DATA / path, infer_schema_length=None, schema_overrides=types)


def ratings():
    """Ratings with their ratios, sector flags and target; named columns first."""
    rows = read("us_listed/corporate_rating.csv").with_columns(
        firm="Symbol",
        rated_on=pl.col("Date").str.to_date("%m/%d/%Y"),
        speculative=~pl.col("Rating").is_in(INVESTMENT_GRADE),
    )
    ratios = rows.columns[6:31]
    flags = rows.select("Sector").to_dummies()
    return rows.with_row_index("row_n").hstack(flags), [*ratios, *flags.columns]


def with_rnd(rows):
    """R&D to revenue of the last accounts that were out on the day of the rating.

    The set writes 0 where R&D is none and where it is not reported: both are unknown here.
    """
    accounts = read("us_listed/nyse_fundamentals.csv").select(
        firm="Ticker Symbol",
        out_on=pl.col("Period Ending").str.to_date("%m/%d/%Y") + pl.duration(days=FILING_DAYS),
        rnd=pl.when(pl.col("Research and Development") > 0).then("Research and Development"),
        sales="Total Revenue",
        assets="Total Assets",
    )
    joined = rows.sort("rated_on").join_asof(
        accounts.sort("out_on"),
        left_on="rated_on",
        right_on="out_on",
        by="firm",
        tolerance="550d",
        check_sortedness=False,
    )
    kept = joined.filter(pl.col("out_on").is_not_null()).sort("row_n")
    logs = [pl.col(name).log().alias(f"{name}_log") for name in ("sales", "assets")]
    return kept.with_columns(*logs, rnd_share=pl.col("rnd") / pl.col("sales"))


def with_patents(rows):
    """Patents granted before the rating; null where none granted by then bears the firm's name.

    A name that finds its first patent only after the rating must not show: it would be hindsight.
    """
    names = read("us_listed/us_company_crosswalk.csv").select(firm="ticker", n="n")
    patents = pl.read_parquet(DATA / "patentsview/patents_by_assignee.parquet").select(
        "n",
        "patent_id",
        granted_on=pl.col("patent_date").cast(pl.String).str.to_date(),
        claims=pl.col("num_claims").cast(pl.Float64, strict=False),
    )
    pairs = rows.select("row_n", "firm", "rated_on").join(names, on="firm").join(patents, on="n")
    recent = pl.col("granted_on") >= pl.col("rated_on").dt.offset_by(f"-{PATENT_YEARS}y")
    before = pairs.filter(pl.col("granted_on") < pl.col("rated_on"))
    counted = before.group_by("row_n").agg(
        patents_log=pl.col("patent_id").n_unique().log1p(),
        patents_recent_log=pl.col("patent_id").filter(recent).n_unique().log1p(),
        claims_mean_n=pl.col("claims").mean(),
    )
    return rows.join(counted, on="row_n", how="left").sort("row_n")


PATENT_COLUMNS = ["patents_log", "patents_recent_log", "claims_mean_n"]


def us():
    """Patents on all ratings; on those with accounts, R&D and patents beyond ratios and size.

    The ratios of the ratings hold no size, and patents grow with it: the second question is the
    one that tells technology from size.
    """
    rows, base = ratings()
    patented = with_patents(rows)
    dealt = with_rnd(patented)
    sized, target = [*base, "sales_log", "assets_log"], "speculative"
    return {
        "us_patents_known_share": patented["patents_log"].is_not_null().mean(),
        "us_rnd_known_share": dealt["rnd_share"].is_not_null().mean(),
        **gain(patented, base, PATENT_COLUMNS, target, "us_patents"),
        **gain(dealt, base, PATENT_COLUMNS, target, "us_patents_few"),
        **gain(dealt, sized, PATENT_COLUMNS, target, "us_patents_sized"),
        **gain(dealt, base, ["rnd_share"], target, "us_rnd"),
        **gain(dealt, sized, ["rnd_share"], target, "us_rnd_sized"),
    }


def first_of_firm(rows):
    return rows.unique("stock_code", keep="first", maintain_order=True)


def korea_years():
    """Separate accounts in won whose outcome is known, with ratios, patents and target."""
    code = {"stock_code": pl.String}
    reason = pl.col("reason")
    events = read("korea_dart/delisting_events_2016_2020.csv", **code).select(
        "stock_code",
        left_on=pl.col("delist_date").cast(pl.String).str.to_date(),
        distress=reason.str.contains(DISTRESS) & ~reason.str.contains(NOT_DISTRESS),
    )
    names = read("korea_dart/name_crosswalk.csv", **code).select("stock_code", "n", "n_patents")
    days = (pl.col("left_on") - pl.date(pl.col("year"), 12, 31)).dt.total_days()
    rows = (
        read("korea_dart/firm_year_2015_2019.csv.gz", **code)
        .filter(pl.col("basis") == "separate", pl.col("currency") == "KRW")
        .filter(pl.col("year") <= LAST_CLOSED_YEAR, pl.col("total_assets") > 0)
        .join(first_of_firm(events.sort("left_on")), on="stock_code", how="left")
        .join(first_of_firm(names), on="stock_code", how="left")
        .filter((days > 0).fill_null(value=True))
    )
    within = pl.col("distress") & (days <= HORIZON_DAYS)
    assets, item = pl.col("total_assets"), pl.col
    return rows.sort("stock_code", "year").with_columns(
        firm="stock_code",
        distressed=within.fill_null(value=False),
        leverage=item("total_liabilities") / assets,
        retained=item("retained_earnings") / assets,
        returns=item("net_income") / assets,
        operating=item("operating_income") / assets,
        working=(item("current_assets") - item("current_liabilities")) / assets,
        turnover=item("revenue") / assets,
        impairment=item("total_equity") / item("capital_stock"),
        size=assets.log(),
        naive_patents_log=item("n_patents").fill_null(0).log1p(),
        name_known=item("n").is_not_null(),
    )


KOREA_BASE = [
    "leverage",
    "retained",
    "returns",
    "operating",
    "working",
    "turnover",
    "impairment",
    "size",
]


def korea():
    """Patents are tied to firms by an English name: who has one, and did any of them fail?"""
    rows = korea_years()
    named = rows.filter("name_known")
    found = {
        "korea_named_share": rows["name_known"].mean(),
        "korea_named_rows_n": named.height,
        "korea_named_events_n": int(named["distressed"].sum()),
        **gain(rows, KOREA_BASE, ["naive_patents_log"], "distressed", "korea_naive_patents"),
    }
    leak = rows.filter(~pl.col("name_known"))["distressed"].mean()
    return {**found, "korea_unnamed_event_rate": leak, "korea_patents_gain": None}


def measured():
    # Small matrices: more threads only wait for each other.
    with threadpool_limits(limits=1):
        return {**us(), **korea(), "korea_rnd_gain": None}


if __name__ == "__main__":
    print(json.dumps(measured()))
