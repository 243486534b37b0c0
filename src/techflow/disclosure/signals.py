"""Signs of unusual accounts: accruals, distance from peers, numbers that were restated."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns

MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation under a normal law: 1 / 0.6745 (Huber 1981)."""


def accrual_signals(statements: Frame) -> Frame:
    """Income that is not cash, and changes that income does not explain.

    Args:
        statements: Result of `add_previous` and `add_next_cash_flow`.

    Returns:
        The rows given with ratios, each null where a part is unknown or the denominator is zero:

        - `cash_accruals_ratio`: net income less operating cash flow, to mean total assets;
        - `balance_accruals_ratio`: change of current assets without cash, less change of current
          liabilities, to mean total assets. Short-term debt and depreciation are not on the table
          and stay inside: wider than Sloan's measure;
        - `working_capital_change_ratio`: the same with cash, where cash is unknown no accrual;
        - `previous_cash_flow_ratio`, `cash_flow_ratio`, `next_cash_flow_ratio`: operating cash flow
          of the year before, the year, the year after, to mean total assets of the year;
        - `equity_gap_ratio`: change of equity less net income, to mean total assets (capital paid
          in, dividends, and income that went past the income statement);
        - `receivables_index_ratio`: receivables to revenue over the same of the year before;
        - `nonoperating_gap_ratio`: pre-tax less operating income, to total assets;
        - `return_on_assets_ratio`, `asset_turnover_ratio`: to total assets.

    Source:
        Hribar and Collins (2002), Journal of Accounting Research 40(1), for the first; Sloan
        (1996), The Accounting Review 71(3), for the second; Beneish (1999), Financial Analysts
        Journal 55(5), for the index of receivables.
    """
    c, p = _now, _before
    mean_assets = (c("total_assets") + p("total_assets")) / 2
    current = c("current_assets") - p("current_assets")
    due = c("current_liabilities") - p("current_liabilities")
    cash = c("cash") - p("cash")
    collected = ratio(c("receivables"), c("revenue"))
    return statements.with_columns(
        cash_accruals_ratio=ratio(c("net_income") - c("operating_cash_flow"), mean_assets),
        balance_accruals_ratio=ratio(current - cash - due, mean_assets),
        working_capital_change_ratio=ratio(current - due, mean_assets),
        previous_cash_flow_ratio=ratio(p("operating_cash_flow"), mean_assets),
        cash_flow_ratio=ratio(c("operating_cash_flow"), mean_assets),
        next_cash_flow_ratio=ratio(nw.col("next_operating_cash_flow_lcy"), mean_assets),
        equity_gap_ratio=ratio(
            c("total_equity") - p("total_equity") - c("net_income"), mean_assets
        ),
        receivables_index_ratio=ratio(collected, ratio(p("receivables"), p("revenue"))),
        nonoperating_gap_ratio=ratio(c("pretax_income") - c("operating_income"), c("total_assets")),
        return_on_assets_ratio=ratio(c("net_income"), c("total_assets")),
        asset_turnover_ratio=ratio(c("revenue"), c("total_assets")),
    )


def _now(name: str) -> nw.Expr:
    return nw.col(f"{name}_lcy").cast(nw.Float64)


def _before(name: str) -> nw.Expr:
    return nw.col(f"previous_{name}_lcy").cast(nw.Float64)


def peer_deviations(
    rows: Frame, *, names: Sequence[str], groups: Sequence[str], peers_n_min: int
) -> Frame:
    """How far each number lies from the median of its peers, in robust standard deviations.

    Args:
        rows: One row per firm and year.
        names: Columns looked at.
        groups: Columns whose equal values make peers (industry, year); null is a value like
            others.
        peers_n_min: Rows with a known number below which there is no yardstick.

    Returns:
        The rows given with `<name>_z`: (number - median) / (1.4826 x median absolute deviation)
        and `<name>_peers_n`. Null where the number is unknown, the peers are too few, or half of
        them are equal (the deviation is zero).

    Raises:
        InvalidInput: `groups` is empty.
        MissingColumn: A column is absent.

    Source:
        Huber (1981), Robust Statistics, section 5.1.
    """
    if not groups:
        raise InvalidInput("groups must name at least one column; got none")
    require_columns(rows, (*names, *groups), needed_by="peer_deviations")
    for name in names:
        rows = _peer_deviation(rows, name, list(groups), peers_n_min)
    return rows


def _peer_deviation(rows: Frame, name: str, groups: list[str], peers_n_min: int) -> Frame:
    peers = (
        rows.filter(~nw.col(name).is_null())
        .select(*groups, nw.col(name).alias("_x"))
        .with_columns(_known=nw.lit(1))
    )
    keys = [nw.col(group).cast(nw.String).fill_null("").alias(f"_{group}") for group in groups]
    stems = [f"_{group}" for group in groups]
    keyed = peers.with_columns(*keys)
    middle = keyed.group_by(*stems).agg(_middle=nw.col("_x").median(), _n=nw.col("_known").sum())
    off = keyed.join(middle, on=stems, how="left").with_columns(
        _off=(nw.col("_x") - nw.col("_middle")).abs()
    )
    spread = off.group_by(*stems).agg(_spread=nw.col("_off").median() * MAD_TO_SD)
    yardstick = middle.join(spread, on=stems, how="left")
    joined = rows.with_columns(*keys).join(yardstick, on=stems, how="left")
    z = ratio(nw.col(name) - nw.col("_middle"), nw.col("_spread"))
    return joined.with_columns(
        **{
            f"{name}_z": nw.when(nw.col("_n") >= peers_n_min).then(z),
            f"{name}_peers_n": nw.col("_n").cast(nw.Int64).fill_null(0),
        }
    ).drop(*stems, "_middle", "_n", "_spread")


def find_restatements(
    versions: Frame, *, key: Sequence[str], names: Sequence[str], tolerance_share: float
) -> Frame:
    """Numbers that changed between the versions of a record.

    Args:
        versions: Every version of every record, as stored.
        key: Columns that identify a record.
        names: Amounts compared.
        tolerance_share: Relative change below which it is rounding.

    Returns:
        One row per key: `versions_n`; `restated_n`: amounts whose versions differ;
        `restated_share_max`: greatest relative difference among versions (null with one version).
        The same numbers loaded twice are no restatement; an amount told later for the first time
        is none either.

    Raises:
        MissingColumn: A column is absent.
    """
    require_columns(versions, (*key, *names), needed_by="find_restatements")
    ends = {f"{n}_low": nw.col(n).cast(nw.Float64).min() for n in names}
    ends |= {f"{n}_high": nw.col(n).cast(nw.Float64).max() for n in names}
    seen = versions.group_by(*key).agg(versions_n=nw.len(), **ends)
    change = {f"{n}_change": _relative_change(n) for n in names}
    changed = seen.with_columns(**change)
    parts = [nw.col(f"{n}_change").fill_null(0.0) for n in names]
    moved = nw.sum_horizontal(*((part > tolerance_share).cast(nw.Int64) for part in parts))
    several = nw.col("versions_n") > 1
    return changed.select(
        *key,
        nw.col("versions_n").cast(nw.Int64),
        restated_n=nw.when(several).then(moved.cast(nw.Int64)),
        restated_share_max=nw.when(several).then(nw.max_horizontal(*parts)),
    )


def _relative_change(name: str) -> nw.Expr:
    low, high = nw.col(f"{name}_low"), nw.col(f"{name}_high")
    return ratio(high - low, nw.max_horizontal(low.abs(), high.abs()))
