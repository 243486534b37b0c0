"""From the folder of `techflow assess` into the tables of the platform, by COPY.

A run is loaded whole or not at all, and the same folder twice is loaded once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow.schema import DERIVED
from techflow_service.clock import now
from techflow_service.platform.roles import Part
from techflow_service.platform.scales import grade_places
from techflow_service.platform.search import search_text

Told = Callable[[int, int], None]
SHEETS: Mapping[Part, tuple[str, ...]] = {
    Part.GRADE: ("assessment",),
    Part.TECHNOLOGY: ("technology",),
    Part.PATENTS: ("patents", "patent_value", "technology"),
    Part.CASH: ("series", "statements", "profile"),
    Part.NETWORK: ("profile",),
    Part.QUALIFICATION: ("qualification", "gaps"),
    Part.PLAN: ("assessment", "offer", "plan"),
    Part.EVIDENCE: ("profile", "assessment"),
}
"""Part -> files whose rows make its sheet: `{"file": [rows]}`."""
FLOW = tuple(name for name in DERIVED["technology"].names if name.startswith("flow_"))
PRICE = (
    *("need_lcy", "need_basis", "debt_outstanding_lcy", "risk_weight_ratio"),
    *("el_rate_pa", "funding_rate_pa", "cost_rate_pa", "capital_rate_pa"),
)
"""What a limit and a rate are made of: shown with the plan, not with the grade."""
COLUMNS: Mapping[tuple[Part, str], tuple[str, ...]] = {
    (Part.GRADE, "assessment"): tuple(
        name for name in DERIVED["assessment"].names if name not in PRICE
    ),
    (Part.TECHNOLOGY, "technology"): FLOW,
    (Part.PATENTS, "technology"): tuple(
        name for name in DERIVED["technology"].names if name not in FLOW
    ),
    (Part.CASH, "profile"): (
        *("trade_currency", "history_months", "idle_months", "sales_12m_lcy"),
        *("purchases_12m_lcy", "sales_growth_ratio", "sales_volatility_ratio", "margin_ratio"),
        *("void_share", "credit_note_share", "statement_basis", "leverage_ratio"),
        *("current_ratio", "cash_ratio", "debt_assets_ratio", "net_margin_ratio", "rnd_share"),
        *("return_on_assets_ratio", "revenue_growth_ratio"),
    ),
    (Part.NETWORK, "profile"): (
        *("customers_n", "suppliers_n", "top_customer_share", "top_supplier_share"),
        *("customer_hhi_ratio", "supplier_hhi_ratio", "repeat_customer_share"),
        *("customer_tenure_months", "supplier_tenure_months", "trade_currency"),
    ),
    (Part.PLAN, "assessment"): ("currency", "limit_lcy", "limit_reason_code", "rate_pa", *PRICE),
    (Part.EVIDENCE, "profile"): (
        *("evidence_on", "statement_on", "statement_age_days", "history_months", "idle_months"),
        *("patents_n", "loans_n", "employees_n", "credentials_n", "funding_rounds_n"),
    ),
    (Part.EVIDENCE, "assessment"): ("missing", "missing_zh", "missing_en"),
}
"""Columns of a file that a part takes; all, where nothing is said."""
FIRM = (
    *("firm_id", "uscc", "name", "name_en", "country", "region_code", "city", "sector"),
    *("industry_code", "founded_on"),
)
STANDING = (
    *("firm_id", "name", "search", "region_code", "city", "sector", "life_stage", "verdict"),
    *("grade", "grade_rank", "pd", "pd_basis", "currency", "limit_lcy", "rate_pa"),
    *("debt_outstanding_lcy", "flow_score", "patent_value_median_cny", "evidence_on"),
    *("grade_before", "steps_up"),
)
BEFORE = """
SELECT firm_id, grade AS grade_before FROM platform_standing WHERE grade <> '' AND run_id = (
    SELECT id FROM platform_run WHERE as_of < %s ORDER BY as_of DESC, id DESC LIMIT 1)
"""
_FIRM = ", ".join(FIRM)
UPSERT = (
    f"INSERT INTO platform_firm ({_FIRM}) SELECT {_FIRM} FROM new_firm "  # noqa: S608 - our names
    f"ON CONFLICT (firm_id) DO UPDATE SET {', '.join(map('{0} = EXCLUDED.{0}'.format, FIRM[1:]))}"
)
TEXTS = frozenset({*FIRM, *STANDING} - {"founded_on", "evidence_on"})


def load_run(folder: Path, owner_url: str, told: Told = lambda done_n, total_n: None) -> int:
    """Load one assessment.

    Args:
        folder: Output folder of `techflow assess`.
        owner_url: The platform's database as its owner.
        told: Called after each step with how many are done and how many there are.

    Returns:
        Number of the run; that of the first load, if these very figures are there already.

    Raises:
        InvalidInput: The folder holds no assessment.
    """
    import psycopg

    record = _record(folder)
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(7302612)")
        asked = [json.dumps(record)]
        found = connection.execute(
            "SELECT id FROM platform_run WHERE record = %s::jsonb", asked
        ).fetchone()
        if found:
            return int(found[0])
        run = connection.execute(
            "INSERT INTO platform_run (as_of, loaded_at, record) VALUES (%s, %s, %s) RETURNING id",
            [record["as_of"], now(), *asked],
        ).fetchone()[0]  # type: ignore[index]
        for done_n, _ in enumerate(_load(connection, folder, int(run), record), 1):
            told(done_n, len(SHEETS) + 1)
    return int(run)


def _record(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    if not path.is_file():
        raise InvalidInput(
            f"{folder} holds no assessment: run.json is not there; make one with `techflow assess`"
        )
    return dict(json.loads(path.read_text("utf8")))


def _load(connection: Any, folder: Path, run: int, record: Mapping[str, Any]) -> Iterator[None]:
    """Step by step; yields after each."""
    connection.execute("CREATE TEMP TABLE new_firm (LIKE platform_firm) ON COMMIT DROP")
    _copy(connection, "new_firm", FIRM, _firms(folder).select(FIRM).iter_rows())
    connection.execute(UPSERT)
    before = pl.DataFrame(
        connection.execute(BEFORE, [record["as_of"]]).fetchall(),
        schema={"firm_id": pl.String, "grade_before": pl.String},
        orient="row",
    )
    standings = _moved(_standings(folder, record), before, record)
    rows = ((run, *row) for row in standings.select(STANDING).iter_rows())
    _copy(connection, "platform_standing", ("run_id", *STANDING), rows)
    yield
    for part, files in SHEETS.items():
        sheets = (
            (run, firm_id, part.value, body) for firm_id, body in _sheets(folder, part, files)
        )
        _copy(connection, "platform_sheet", ("run_id", "firm_id", "part", "body"), sheets)
        yield


def _copy(connection: Any, table: str, columns: Iterable[str], rows: Iterable[Any]) -> None:
    names = ", ".join(columns)
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _firms(folder: Path) -> pl.DataFrame:
    profile = pl.read_parquet(folder / "profile.parquet")
    return _texts(
        profile.with_columns(
            pl.lit(None, pl.String).alias(name) for name in FIRM if name not in profile.columns
        )
    )


def _standings(folder: Path, record: Mapping[str, Any]) -> pl.DataFrame:
    assessment = pl.read_parquet(folder / "assessment.parquet")
    technology = pl.read_parquet(
        folder / "technology.parquet", columns=["firm_id", "flow_score", "patent_value_median_cny"]
    )
    ranks = {grade["name"]: rank for rank, grade in enumerate(record["scale"]["grades"])}
    found = [search_text(*row) for row in assessment.select("name", "firm_id").iter_rows()]
    return _texts(
        assessment.join(technology, on="firm_id", how="left").with_columns(
            pl.col("grade")
            .replace_strict(ranks, default=None, return_dtype=pl.Int16)
            .alias("grade_rank"),
            pl.Series("search", found, pl.String),
        )
    )


def _moved(now: pl.DataFrame, before: pl.DataFrame, record: Mapping[str, Any]) -> pl.DataFrame:
    """Grade of the run before, and the steps up since; grades of two scales do not compare."""
    places = grade_places(record)
    scale, place = ({grade: found[part] for grade, found in places.items()} for part in (0, 1))

    def of(name: str, known: Mapping[str, Any], kind: type[pl.DataType]) -> pl.Expr:
        return pl.col(name).replace_strict(known, default=None, return_dtype=kind)

    same = of("grade", scale, pl.String) == of("grade_before", scale, pl.String)
    steps = of("grade_before", place, pl.Int16) - of("grade", place, pl.Int16)
    joined = now.join(before, on="firm_id", how="left", maintain_order="left")
    return joined.with_columns(
        steps_up=pl.when(same).then(steps), grade_before=pl.col("grade_before").fill_null("")
    )


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that is not known is the empty word in tables of text."""
    return frame.with_columns(
        pl.col(name).fill_null("")
        for name in frame.columns
        if name in TEXTS and frame.schema[name] == pl.String
    )


def _sheets(folder: Path, part: Part, files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Firm and sheet as JSON text, for firms of which a file has rows."""
    told: pl.DataFrame | None = None
    for name in files:
        path = folder / f"{name}.parquet"
        rows = _rows(pl.read_parquet(path), part, name) if path.is_file() else None
        if rows is None:
            continue
        told = rows if told is None else told.join(rows, on="firm_id", how="full", coalesce=True)
    if told is None:
        return
    names = [name for name in told.columns if name != "firm_id"]
    for firm_id, *bodies in told.iter_rows():
        inner = ",".join(
            f'"{name}":[{body}]' for name, body in zip(names, bodies, strict=True) if body
        )
        yield firm_id, f"{{{inner}}}"


def _rows(frame: pl.DataFrame, part: Part, name: str) -> pl.DataFrame | None:
    """Rows of a file as JSON by firm; None if the file has no column of the part."""
    wanted = COLUMNS.get((part, name), tuple(frame.columns))
    columns = [column for column in wanted if column in frame.columns and column != "firm_id"]
    if not columns:
        return None
    told = frame.select("firm_id", pl.struct(columns).struct.json_encode().alias(name))
    return told.group_by("firm_id", maintain_order=True).agg(pl.col(name).str.join(","))
