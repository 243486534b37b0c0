"""Expected credit loss, second step: how much, over 12 months or to maturity, per loan and book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isclose

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput, ratio, require_columns
from techflow.credit.loss_stages import first_of, told, within
from techflow.credit.words import Words

TERMS = ("exposure_cny", "lgd", "rate_pa", "maturity_years", "repayment")
REPAYMENTS = ("bullet", "equal_principal")
LIMIT_TERMS = ("undrawn_cny", "conversion_factor")
LOSSES = (
    "ecl_12m_cny",
    "ecl_lifetime_cny",
    "ecl_cny",
    "coverage_ratio",
    "loss_reason",
    "loss_reason_zh",
    "loss_reason_en",
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One state of the world.

    Attributes:
        name: For reports.
        weight: Probability, in (0, 1]; those of all scenarios sum to 1.
        log_odds_shift: Added to the log-odds of each year's PD; 0 leaves it.
        lgd_factor: LGD is multiplied by it and capped at 1; above 0.
    """

    name: str
    weight: float
    log_odds_shift: float = 0.0
    lgd_factor: float = 1.0


BASE = (Scenario("base", 1.0),)
GAPS: Mapping[str, Words] = {
    "stage_unknown": Words("阶段未定，无法计量", "no stage, so no measure"),
    "exposure_cny_unknown": Words("敞口未知或超出范围", "exposure unknown or out of range"),
    "lgd_unknown": Words("违约损失率未知或超出范围", "LGD unknown or out of range"),
    "pd_unknown": Words("违约概率未知或超出范围", "PD unknown or out of range"),
    "rate_pa_unknown": Words("实际利率未知或超出范围", "effective rate unknown or out of range"),
    "maturity_years_unknown": Words("剩余期限未知或不为正", "maturity unknown or not above 0"),
    "maturity_beyond": Words("剩余期限超出计量年数", "maturity beyond the years measured"),
    "repayment_unknown": Words(
        "还款方式须为 bullet 或 equal_principal", "repayment must be bullet or equal_principal"
    ),
    "undrawn_cny_unknown": Words(
        "未使用额度未知或超出范围", "undrawn limit unknown or out of range"
    ),
    "conversion_factor_unknown": Words(
        "信用转换系数未知或超出范围", "credit conversion factor unknown or out of range"
    ),
}


def measure_losses(
    loans: Frame,
    *,
    years_n: int,
    pd_term: Sequence[str] = (),
    scenarios: Sequence[Scenario] = BASE,
    undrawn: bool = False,
    prepayment_rate_pa: float = 0.0,
) -> Frame:
    """Add the expected credit loss of each loan.

    Default falls in the middle of a year (or of what is left of it), at the exposure of that
    moment, discounted at the effective rate. Stage 1 takes the first 12 months, stage 2 all
    years to maturity, stage 3 LGD on the whole exposure (LGD holds the delay of recoveries).

    Args:
        loans: Result of `stage_loans` with `exposure_cny`, `lgd` (fraction), `rate_pa`
            (effective, fraction), `maturity_years` (left, above 0), `repayment` (`bullet` or
            `equal_principal`, which falls in a line to 0).
        years_n: Years measured, 1 or more; a stage 1 or 2 loan that runs longer has no loss.
        pd_term: Names of columns with the cumulative PD after year 1, 2, ...; beyond the last
            its forward PD stays. None: `pd` in each year.
        scenarios: States of the world; weights sum to 1.
        undrawn: True adds limits not yet drawn: `conversion_factor` (share drawn by default, in
            [0, 1]) of `undrawn_cny`, open to maturity whatever the repayment. A loan in stage 3
            draws no more.
        prepayment_rate_pa: Conditional prepayment rate: share of living loans repaid in full and
            closed each year, in [0, 1), the same for all and at any time of the year.

    Returns:
        The same rows plus `ecl_12m_cny`, `ecl_lifetime_cny`, `ecl_cny` (what the stage asks
        for), `coverage_ratio` (over exposure; null at zero exposure), `loss_reason` (a key of
        `GAPS` where there is no loss), `loss_reason_zh`, `loss_reason_en`.

    Raises:
        InvalidInput: `years_n`, the scenarios or the prepayment rate are out of range.
        MissingColumn: A column is absent.

    Source:
        IFRS 9 5.5.17 and B5.5.28 to B5.5.44: sum of PD x LGD x EAD x discount factor, weighted
        over scenarios; B5.5.30 and B5.5.31 for limits not drawn; Appendix A, credit loss, for
        prepayment.
    """
    limits = LIMIT_TERMS if undrawn else ()
    wanted = (*TERMS, *limits, *pd_term, "pd", "stage")
    require_columns(loans, wanted, needed_by="measure_losses")
    if years_n < 1:
        raise InvalidInput(f"years_n must be 1 or more; got {years_n}")
    if not 0.0 <= prepayment_rate_pa < 1.0:
        raise InvalidInput(f"prepayment_rate_pa must be in [0, 1); got {prepayment_rate_pa}")
    _check_scenarios(scenarios)
    kept = loans.columns
    gaps = _gaps(years_n) | (_limit_gaps() if undrawn else {})
    work = loans.with_columns(loss_reason=first_of(gaps), **_forward(pd_term))
    zero = nw.lit(0.0)
    opened = _drawn_later() if undrawn else zero
    # A loan that lives on with chance 1 - c a year is worth what a higher rate makes of it.
    growth = (within("rate_pa") + 1.0) / (1.0 - prepayment_rate_pa)
    work = work.with_columns(_open=opened, _growth=growth, _first=zero, _life=zero, _impaired=zero)
    for scenario in scenarios:
        work = _add_scenario(work, scenario, years_n=years_n, known_n=max(1, len(pd_term)))
    stage, fine = nw.col("stage"), nw.col("loss_reason").is_null()
    going = fine & (stage < 3)
    third = nw.when(fine & (stage == 3)).then(nw.col("_impaired"))
    work = work.with_columns(
        ecl_12m_cny=nw.coalesce(nw.when(going).then(nw.col("_first")), third),
        ecl_lifetime_cny=nw.coalesce(nw.when(going).then(nw.col("_life")), third),
        loss_reason_zh=told({code: words.zh for code, words in GAPS.items()}, "loss_reason"),
        loss_reason_en=told({code: words.en for code, words in GAPS.items()}, "loss_reason"),
    )
    year, life = nw.col("ecl_12m_cny"), nw.col("ecl_lifetime_cny")
    work = work.with_columns(ecl_cny=nw.when(stage == 1).then(year).otherwise(life))
    cover = ratio(nw.col("ecl_cny"), nw.col("exposure_cny"))
    return work.with_columns(coverage_ratio=cover).select(*kept, *LOSSES)


def book_losses(loans: Frame, *, by: Sequence[str] = ()) -> Frame:
    """Losses of each book and stage.

    Args:
        loans: Result of `measure_losses`.
        by: Columns that name a book; none: one book.

    Returns:
        One row per book and stage (null for undecided): `loans_n`, `measured_n`,
        `exposure_cny` (of measured loans), `ecl_cny`, `coverage_ratio`.

    Raises:
        MissingColumn: A column is absent.
    """
    keys = [*by, "stage"]
    require_columns(loans, (*keys, "exposure_cny", "ecl_cny"), needed_by="book_losses")
    measured = ~nw.col("ecl_cny").is_null()
    marked = loans.with_columns(
        _one=nw.when(measured).then(nw.lit(1)).otherwise(nw.lit(0)),
        _exposure=nw.when(measured).then(nw.col("exposure_cny")).otherwise(nw.lit(0.0)),
    )
    found = marked.group_by(*keys).agg(
        loans_n=nw.len(),
        measured_n=nw.col("_one").sum().cast(nw.Int64),
        exposure_cny=nw.col("_exposure").sum(),
        ecl_cny=nw.col("ecl_cny").sum(),
    )
    return found.with_columns(coverage_ratio=ratio(nw.col("ecl_cny"), nw.col("exposure_cny")))


def _check_scenarios(scenarios: Sequence[Scenario]) -> None:
    if not isclose(sum(s.weight for s in scenarios), 1.0, abs_tol=1e-9):
        raise InvalidInput(
            f"weights of scenarios must sum to 1; got {[(s.name, s.weight) for s in scenarios]}"
        )
    for s in scenarios:
        if not (0 < s.weight <= 1 and abs(s.log_odds_shift) < 20 and 0 < s.lgd_factor < 100):
            raise InvalidInput(
                f"scenario {s.name}: weight in (0, 1], |log_odds_shift| below 20, "
                f"0 < lgd_factor < 100; got {s}"
            )


def _gaps(years_n: int) -> dict[str, nw.Expr]:
    """Why a loan cannot be measured; stage 3 needs neither PD, nor rate, nor maturity."""
    going = nw.col("stage") < 3
    years, kind = within("maturity_years"), nw.col("repayment")
    return {
        "stage_unknown": nw.col("stage").is_null(),
        "exposure_cny_unknown": within("exposure_cny").is_null(),
        "lgd_unknown": within("lgd").is_null(),
        "pd_unknown": going & within("pd").is_null(),
        "rate_pa_unknown": going & within("rate_pa").is_null(),
        "maturity_years_unknown": going & (years.is_null() | (years <= 0)),
        "maturity_beyond": going & (years > years_n),
        "repayment_unknown": going & (kind.is_null() | ~kind.is_in(REPAYMENTS)),
    }


def _limit_gaps() -> dict[str, nw.Expr]:
    """Why a limit cannot be measured; nothing undrawn needs no factor."""
    going, limit = nw.col("stage") < 3, within("undrawn_cny")
    return {
        "undrawn_cny_unknown": going & limit.is_null(),
        "conversion_factor_unknown": going & (limit > 0) & within("conversion_factor").is_null(),
    }


def _drawn_later() -> nw.Expr:
    """What is drawn of the limit by default."""
    limit = within("undrawn_cny")
    return nw.when(limit > 0).then(limit * within("conversion_factor")).otherwise(nw.lit(0.0))


def _forward(pd_term: Sequence[str]) -> dict[str, nw.Expr]:
    """Forward PD of each year as columns; a book with nobody left keeps a PD of 1."""
    if not pd_term:
        return {"_forward_1": within("pd")}
    found, before = {}, nw.lit(0.0)
    for year, name in enumerate(pd_term, start=1):
        after = nw.col(name).cast(nw.Float64)
        alive = 1.0 - before
        found[f"_forward_{year}"] = nw.when(alive > 0).then((after - before) / alive).otherwise(1.0)
        before = after
    return found


def _add_scenario(work: Frame, scenario: Scenario, *, years_n: int, known_n: int) -> Frame:
    """Add one scenario's weighted losses, year by year."""
    exposure, left = within("exposure_cny"), within("maturity_years")
    lgd = (within("lgd") * scenario.lgd_factor).clip(0.0, 1.0)
    whole, more = scenario.weight * lgd * exposure, scenario.weight * lgd * nw.col("_open")
    falls, odds = nw.col("repayment") == "equal_principal", exp(scenario.log_odds_shift)
    work = work.with_columns(_alive=nw.lit(1.0), _impaired=nw.col("_impaired") + whole)
    for year in range(1, years_n + 1):
        forward = nw.col(f"_forward_{min(year, known_n)}")
        yearly = forward * odds / (1.0 - forward + forward * odds)
        part = (left - (year - 1)).clip(0.0, 1.0)
        middle = part * 0.5 + (year - 1)
        lives = (1.0 - yearly) ** part
        share = nw.when(falls & (part > 0)).then(1.0 - middle / left).otherwise(nw.lit(1.0))
        discount = nw.col("_growth") ** (0.0 - middle)
        loss = nw.col("_alive") * (1.0 - lives) * (whole * share + more) * discount
        sums = {"_life": nw.col("_life") + loss}
        if year == 1:
            sums["_first"] = nw.col("_first") + loss
        work = work.with_columns(_alive=nw.col("_alive") * lives, **sums)
    return work
