"""The declared mechanism of the synthetic region: every parameter, its unit and its source."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from techflow.economy.places import REGIONS, SECTORS, Region, Sector

PROPOSAL = "proposal"
AS_OF = date(2026, 6, 30)
"""Last day of the sample's record."""
STAGES = ("start_up", "growth", "stable")
EVIDENCE_KINDS = ("invoices", "accounts", "start_up", "bare")
SME = "fitted to china_sme_invoices"


def stated(value: Any, unit: str, source: str = PROPOSAL) -> Any:
    """A field of the mechanism with its unit and source."""
    return field(default=value, metadata={"unit": unit, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """How the synthetic region works. Nothing here is evidence about the world.

    Triples go with the life stages start-up, growth, stable; quadruples with the kinds of
    evidence invoices, accounts, start-up, bare. `parameters()` lists units and sources.
    """

    config: str = stated("yardstick", "name")
    as_of: date = stated(AS_OF, "date")  # noqa: RUF009 - a field, not a value
    chunk_firms: int = stated(50_000, "n")
    months_n: int = stated(12, "n", "task: 12 monthly aggregates a firm")
    statements_n: int = stated(3, "n", "task: 3 statements a firm")
    sectors: tuple[Sector, ...] = stated(SECTORS, "table", "GB/T 4754-2017; shares proposal")
    regions: tuple[Region, ...] = stated(
        REGIONS, "table", "PBoC and MOST notice 2024-10-16; firms accredited in 2024"
    )
    evidence_shares: tuple[float, ...] = stated((1.0, 0.0, 0.0, 0.0), "share")

    # firms
    stage_shares: tuple[float, ...] = stated((0.25, 0.45, 0.30), "share")
    age_years_min: tuple[float, ...] = stated((3.0, 4.0, 9.0), "year")
    age_years_max: tuple[float, ...] = stated((5.0, 13.0, 26.0), "year")
    revenue_median_cny: tuple[float, ...] = stated((5e6, 3.5e7, 1.2e8), "cny")
    revenue_log_sd: float = stated(0.9, "log")
    growth_mean_ratio: tuple[float, ...] = stated((0.30, 0.16, 0.06), "ratio a year")
    growth_sd_ratio: float = stated(0.15, "ratio a year")
    quality_growth_ratio: float = stated(0.05, "ratio a year per sd")
    technology_quality_correlation: float = stated(0.2, "correlation")
    rnd_share_median: tuple[float, ...] = stated((0.12, 0.06, 0.035), "share")
    rnd_share_log_sd: float = stated(0.45, "log")
    technology_rnd_log: float = stated(0.45, "log per sd")
    revenue_per_head_cny: float = stated(7.5e5, "cny per person")
    rnd_staff_share_median: float = stated(0.20, "share")

    # what the two latent traits leave behind
    technology_staff_log_odds: float = stated(0.6, "log-odds per sd")
    technology_patents_log: float = stated(0.2, "log per sd")
    technology_claims_log: float = stated(0.12, "log per sd")
    technology_family_log: float = stated(0.3, "log per sd")
    technology_funding_log: float = stated(0.2, "log per sd")
    quality_margin_log_odds: float = stated(0.2, "log-odds per sd")
    quality_retained_share: float = stated(0.12, "share of assets per sd")
    quality_sales_sd_log: float = stated(-0.1, "log per sd")
    quality_purchase_log_odds: float = stated(-0.2, "log-odds per sd")
    quality_adverse_log: float = stated(-0.5, "log per sd")

    # default
    default_rate_pa: float = stated(0.025, "rate_pa")
    technology_strength: float = stated(1.0, "log-odds per sd", "stated by the caller: 0, 1, 2")
    quality_strength: float = stated(0.8, "log-odds per sd")
    stage_log_odds: tuple[float, ...] = stated((0.5, 0.0, -0.5), "log-odds")
    common_correlation: float = stated(
        0.06, "asset correlation", "CRE31.5 range less SME: 0.08-0.24"
    )
    sector_correlation: float = stated(
        0.06, "asset correlation", "CRE31.5 range less SME: 0.08-0.24"
    )
    outcome_years_n: int = stated(3, "n")

    # trade
    season_log: tuple[float, ...] = stated(
        (0.29, -0.74, -0.17, -0.10, -0.05, 0.00, 0.02, 0.10, 0.07, 0.10, 0.22, 0.43), "log", SME
    )
    sales_log_sd_median: float = stated(0.65, "log", SME)
    sales_log_sd_spread: float = stated(0.42, "log", SME)
    sales_autocorrelation: float = stated(0.11, "correlation", SME)
    idle_share_median: float = stated(0.075, "share", SME)
    idle_log_odds_sd: float = stated(1.7, "log-odds", SME)
    sale_n_median: float = stated(11.0, "n a month", SME)
    sale_n_log_sd: float = stated(1.25, "log", SME)
    sale_n_max: float = stated(400.0, "n a month")
    void_share_median: float = stated(0.093, "share", SME)
    void_log_odds_sd: float = stated(0.88, "log-odds", SME)
    credit_note_share_median: float = stated(0.0116, "share", SME)
    credit_note_log_odds_sd: float = stated(1.15, "log-odds", SME)
    purchase_share_median: float = stated(0.45, "share of sales", SME)
    purchase_log_odds_sd: float = stated(2.7, "log-odds", SME)
    distress_ramp_months: int = stated(6, "month")
    after_default_months: int = stated(3, "month")
    invoice_log_sd: float = stated(0.95, "log", SME)
    customers_median: float = stated(55.0, "n", SME)
    suppliers_median: float = stated(100.0, "n", SME)
    partners_log_sd: float = stated(1.7, "log", SME)
    purchases_per_sale: float = stated(1.2, "n of invoices", SME)
    partner_weight_log_sd: float = stated(1.85, "log", SME)
    inside_share: float = stated(0.10, "share of partners")
    vat_rates: tuple[tuple[str, float], ...] = stated(
        (("manufacturing", 0.13), ("software", 0.06), ("services", 0.06)),
        "share of net",
        "MOF, STA, GAC announcement 2019 No. 39 (unverified 0.95)",
    )

    # patents
    patent_rnd_elasticity: float = stated(
        0.6, "elasticity", "Hausman, Hall, Griliches 1984 (unverified 0.7)"
    )
    patents_per_rnd_mcny: float = stated(
        0.70, "n a year at one million cny", "fitted to high-tech manufacturing 2023"
    )
    invention_share: float = stated(0.534, "share", "high-tech manufacturing 2023")
    patent_dispersion: float = stated(0.6, "shape of the gamma mixture")
    patent_years_max: float = stated(6.0, "year")
    patents_max: int = stated(400, "n")

    # accounts
    leverage_median: float = stated(0.42, "share", "fitted to Polish and Korean firms")
    leverage_log_odds_sd: float = stated(0.95, "log-odds")
    quality_leverage_log_odds: float = stated(-0.35, "log-odds per sd")
    turnover_median: float = stated(0.85, "ratio", "fitted to Polish and Korean firms")
    turnover_log_sd: float = stated(0.5, "log")
    gross_margin_median: float = stated(0.32, "share")
    gross_margin_log_odds_sd: float = stated(0.25, "log-odds")
    selling_share_median: float = stated(0.19, "share")
    current_assets_share_median: float = stated(0.52, "share")
    current_liabilities_share_median: float = stated(0.80, "share", "korea_dart 2015-2019: 0.798")
    filing_lag_days: int = stated(120, "day", "annual report within four months of year end")

    # loans and credentials
    specialised_loan_share: float = stated(
        0.73, "share", "loan take-up of specialised SMEs, rules file 9.3"
    )
    stage_loan_share: tuple[float, ...] = stated((0.25, 0.50, 0.60), "share")
    loan_history_years_max: float = stated(6.0, "year")
    loan_sales_share_median: float = stated(0.12, "share of sales")
    loan_rate_floor_pa: float = stated(0.030, "rate_pa")
    loan_spread_per_pd: float = stated(0.12, "rate_pa per unit of pd")
    credential_shares: tuple[float, ...] = stated(
        (0.6, 0.5, 0.25, 0.15), "share of firms that qualify: HNTE, tech SME, specialised, giant"
    )
    stage_funding_share: tuple[float, ...] = stated((0.40, 0.20, 0.05), "share")
    adverse_rate_pa: float = stated(0.03, "rate_pa")

    # banks, branches and bonds; off unless `banking` says so
    banking: bool = stated(False, "yes or no")
    unsecured_share: float = stated(0.38, "share of loans")
    odd_unsecured_share: float = stated(0.03, "share of loans of one branch, to be found again")
    first_loan_years: float = stated(6.0, "year: age up to which the oldest loan is the first")
    other_use_share: float = stated(0.12, "share of loans used outside technology industries")
    emerging_use_share: float = stated(0.45, "share of the other loans")
    patent_use_share: float = stated(0.30, "share of the other loans")
    bank_loans_cny: float = stated(9e11, "cny, all loans of all banks")
    bond_deals_n: float = stated(16.0, "n of deals of the largest bank in two years")

    # evidence
    single_invoices: bool = stated(False, "yes or no")
    staff_years_n: int = stated(1, "n")
    patent_versions: bool = stated(False, "yes or no: known at filing and again at grant")
    filing_share: float = stated(1.0, "share of firms with invoices whose accounts are known")
    declared_share: float = stated(0.0, "share of firms with sales that declare facts")
    stale_share: float = stated(0.0, "share of firms")
    restated_share: float = stated(0.0, "share of statements")
    repeated_number_share: float = stated(0.0, "share of invoices", SME)
    refused_n: int = stated(0, "n of rows in quarantine")

    # rings of circular invoices, with single invoices only; off unless a share says so
    ring_share: float = stated(0.0, "share of firms with invoices that are in a ring")
    honest_group_share: float = stated(0.0, "share of them that trade in an honest group")
    ring_size_max: int = stated(6, "n of firms, from 2")
    ring_turns_n: float = stated(6.0, "n of turns, mean")
    ring_spread_max: float = stated(0.12, "log sd of the amounts of one turn, from 0")
    ring_days_max: int = stated(45, "day that a turn takes, from 1")
    ring_linked_share: float = stated(0.5, "share of rings and groups with a shared person")


YARDSTICK = Mechanism()
"""Up to a million firms: aggregates, accounts, patents, loans; a declared default mechanism."""

DEMO = replace(
    YARDSTICK,
    config="demo",
    chunk_firms=2_000,
    months_n=36,
    age_years_min=(1.0, 4.0, 9.0),
    evidence_shares=(0.42, 0.26, 0.20, 0.12),
    sale_n_median=4.0,
    sale_n_log_sd=0.9,
    sale_n_max=60.0,
    customers_median=40.0,
    suppliers_median=30.0,
    purchases_per_sale=0.6,
    single_invoices=True,
    staff_years_n=3,
    filing_share=0.7,
    patent_versions=True,
    declared_share=0.6,
    stale_share=0.06,
    restated_share=0.03,
    repeated_number_share=0.002,
    refused_n=24,
    banking=True,
)
"""Two thousand firms in every state of evidence, with single invoices along a supply network."""

CONFIGS = {item.config: item for item in (DEMO, YARDSTICK)}


def parameters(mechanism: Mechanism) -> list[dict[str, Any]]:
    """Every parameter with its value, unit and source, in order.

    Examples:
        >>> parameters(YARDSTICK)[8]["name"]
        'stage_shares'
    """
    return [
        {"name": item.name, "value": getattr(mechanism, item.name), **item.metadata}
        for item in fields(mechanism)
    ]
