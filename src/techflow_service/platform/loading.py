"""From the folder of `techflow assess` into the tables of the platform, by COPY.

A run is loaded whole or not at all, and the same folder twice is loaded once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from techflow.basics import InvalidInput
from techflow_service.clock import now
from techflow_service.platform.roles import Part
from techflow_service.platform.search import search_text

Told = Callable[[int, int], None]
SHEETS: Mapping[Part, tuple[str, ...]] = {
    Part.GRADE: ("assessment",),
    Part.TECHNOLOGY: ("technology",),
    Part.PATENTS: ("patents", "patent_value"),
    Part.CASH: ("series", "statements"),
    Part.NETWORK: ("profile",),
    Part.QUALIFICATION: ("qualification", "gaps"),
    Part.PLAN: ("offer", "plan"),
    Part.EVIDENCE: ("profile",),
}
"""Part -> files whose rows make its sheet: `{"file": [rows]}`."""
COLUMNS: Mapping[tuple[Part, str], tuple[str, ...]] = {
    (Part.NETWORK, "profile"): (
        *("customers_n", "suppliers_n", "top_customer_share", "top_supplier_share"),
        *("customer_hhi_ratio", "supplier_hhi_ratio", "repeat_customer_share"),
        *("customer_tenure_months", "supplier_tenure_months", "trade_currency"),
    ),
    (Part.EVIDENCE, "profile"): (
        *("evidence_on", "statement_on", "statement_age_days", "history_months", "patents_n"),
        *("loans_n", "employees_n", "credentials_n"),
    ),
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
)
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
    rows = ((run, *row) for row in _standings(folder, record).select(STANDING).iter_rows())
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
        if not path.is_file():
            continue
        rows = _rows(pl.read_parquet(path), part, name)
        told = rows if told is None else told.join(rows, on="firm_id", how="full", coalesce=True)
    if told is None:
        return
    names = [name for name in told.columns if name != "firm_id"]
    for firm_id, *bodies in told.iter_rows():
        inner = ",".join(
            f'"{name}":[{body}]' for name, body in zip(names, bodies, strict=True) if body
        )
        yield firm_id, f"{{{inner}}}"


def _rows(frame: pl.DataFrame, part: Part, name: str) -> pl.DataFrame:
    wanted = COLUMNS.get((part, name), tuple(frame.columns))
    columns = [column for column in wanted if column in frame.columns and column != "firm_id"]
    told = frame.select("firm_id", pl.struct(columns).struct.json_encode().alias(name))
    return told.group_by("firm_id", maintain_order=True).agg(pl.col(name).str.join(","))
