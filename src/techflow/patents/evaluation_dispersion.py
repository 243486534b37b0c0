"""How far evaluators of one patent lie apart."""

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, require_columns

NORMAL_SHARE = 0.6745
"""Median absolute deviation of a standard normal variable."""


def compare_evaluators(evaluations: Frame, *, score_max: float, evaluators_n_min: int) -> Frame:
    """Hold each evaluation against the others of its patent.

    Args:
        evaluations: One row per evaluator and patent: `patent_id`, `evaluator_id`, `value_cny`
            (above 0; null or 0 is not compared).
        score_max: Absolute modified z-score above which a value is an outlier; 3.5 in the source.
        evaluators_n_min: Fewest evaluators among whom one can be an outlier, 3 or more.

    Returns:
        The same rows plus `log_value`, `evaluators_n` (with a value), `value_median_cny`,
        `modified_z_score` of the logarithm, and `outlier`. The last two are null among too few
        evaluators, and where at least half of them agree to the last digit.

    Raises:
        MissingColumn: A column is absent.
        InvalidInput: A bound is outside its range.

    Source:
        Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers: 0.6745 (x - median) / MAD.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"patent_id": ["p"] * 4, "evaluator_id": list("abcd"),
        ...                      "value_cny": [90.0, 100.0, 110.0, 900.0]})
        >>> found = compare_evaluators(nw.from_native(rows), score_max=3.5, evaluators_n_min=3)
        >>> found.collect()["outlier"].to_list()
        [False, False, False, True]
    """
    require_columns(
        evaluations, ("patent_id", "evaluator_id", "value_cny"), needed_by="compare_evaluators"
    )
    if not score_max > 0 or evaluators_n_min < 3:
        raise InvalidInput(
            "score_max must be above 0 and evaluators_n_min 3 or more; got "
            f"{score_max} and {evaluators_n_min}"
        )
    value = nw.col("value_cny").cast(nw.Float64)
    usable = nw.when((value > 0) & value.is_finite()).then(value)
    log = nw.col("log_value")
    logged = evaluations.with_columns(_usable=usable).with_columns(
        log_value=nw.col("_usable").log()
    )
    centred = logged.with_columns(
        evaluators_n=log.count().over("patent_id").cast(nw.Int64),
        value_median_cny=nw.col("_usable").median().over("patent_id"),
        _centre=log.median().over("patent_id"),
    ).with_columns(_away=(log - nw.col("_centre")).abs())
    spread = centred.with_columns(_mad=nw.col("_away").median().over("patent_id"))
    enough = (nw.col("evaluators_n") >= evaluators_n_min) & (nw.col("_mad") > 0)
    score = NORMAL_SHARE * (log - nw.col("_centre")) / nw.col("_mad")
    scored = spread.with_columns(modified_z_score=nw.when(enough).then(score))
    far = nw.col("modified_z_score").abs() > score_max
    return scored.with_columns(outlier=far).drop("_usable", "_centre", "_away", "_mad")


def evaluation_dispersion(compared: Frame) -> Frame:
    """Roll evaluations up to patents: how many, the middle, how far apart.

    Args:
        compared: Result of `compare_evaluators`.

    Returns:
        One row a patent: `evaluators_n`, `value_median_cny`, `value_low_cny` and
        `value_high_cny` (lowest and highest), `geometric_spread_ratio` (geometric standard
        deviation: e to the deviation of the logarithms, 1 if all agree; null under two), and
        `outliers_n` (null where outliers cannot be told).

    Raises:
        MissingColumn: A column is absent.

    Source:
        Kirkwood 1979, Geometric means and measures of dispersion, Biometrics 35.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"patent_id": ["p"] * 2, "evaluator_id": list("ab"),
        ...                      "value_cny": [50.0, 200.0]})
        >>> found = compare_evaluators(nw.from_native(rows), score_max=3.5, evaluators_n_min=3)
        >>> round(evaluation_dispersion(found).collect()["geometric_spread_ratio"][0], 3)
        2.665
    """
    needed = ("patent_id", "value_cny", "log_value", "evaluators_n", "outlier")
    require_columns(compared, needed, needed_by="evaluation_dispersion")
    log, outlier = nw.col("log_value"), nw.col("outlier")
    known = nw.when(~log.is_null()).then(nw.col("value_cny").cast(nw.Float64))
    rows = compared.with_columns(_value=known, _far=outlier.cast(nw.Int64))
    patents = rows.group_by("patent_id").agg(
        evaluators_n=nw.col("evaluators_n").max(),
        value_median_cny=nw.col("value_median_cny").max(),
        value_low_cny=nw.col("_value").min(),
        value_high_cny=nw.col("_value").max(),
        _spread=log.std(),
        _far=nw.col("_far").sum(),
        _told=nw.col("_far").count(),
    )
    n, told = nw.col("evaluators_n"), nw.col("_told") > 0
    return patents.with_columns(
        geometric_spread_ratio=nw.when(n >= 2).then(nw.col("_spread").exp()),
        outliers_n=nw.when(told).then(nw.col("_far").cast(nw.Int64)),
    ).drop("_spread", "_far", "_told")
