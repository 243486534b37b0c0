"""The Chinese contest set (CUMCM 2020, problem C): small firms, their invoices, default yes/no.

The bank's own rating is read by nobody: rating D means default, so it would be the label in
another coat. It stays in the source file. The default is not dated; it is stored as known on the
last day of the month in which the data end, so a model that uses it classifies and does not
predict.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput
from techflow.schema import TABLES
from techflow_service.imports.batch import Batch, Watch
from techflow_service.imports.files import TextFile, read_csv_fast
from techflow_service.imports.judge import judge_rows

IMPORTER = "china-sme"
FIRM, NAME, DEFAULT = "企业代号", "企业名称", "是否违约"
INVOICE_COLUMNS = {
    FIRM: "firm_id",
    "发票号码": "invoice_number",
    "开票日期": "issued_on",
    "金额": "net_lcy",
    "税额": "vat_lcy",
    "价税合计": "gross_lcy",
    "发票状态": "status",
}
PARTNERS = {"purchase": "销方单位代号", "sale": "购方单位代号"}
STATUSES = {"有效发票": "有效", "作废发票": "作废"}
INVOICE_FILES = {
    f"{group}_{side}_invoices.csv.gz": direction
    for group in ("credit_history", "no_credit_history")
    for side, direction in (("input", "purchase"), ("output", "sale"))
}
FIRM_FILES = ("credit_history_enterprises.csv", "no_credit_history_enterprises.csv")
READERS_N = 2
"""Files read at a time: unpacking uses one core, and Polars lets the others work meanwhile."""


def read_china_sme(folder: Path, *, moment: datetime, watch: Watch = iter) -> Iterator[Batch]:
    """Judge the files of the set: four of invoices, then two of firms.

    Args:
        folder: Where they lie.
        moment: When the import runs, UTC.
        watch: Passes the names of the files on while they are read, to show progress.

    Raises:
        InvalidInput: The folder or one of its files is missing or not as published.
    """
    find_files(folder, (*INVOICE_FILES, *FIRM_FILES))

    def _judge_next(name: str) -> Batch:
        return judge_invoices(folder / name, INVOICE_FILES[name], moment=moment)

    spans: list[pl.DataFrame] = []
    with ThreadPoolExecutor(READERS_N) as pool:
        batches = pool.map(_judge_next, INVOICE_FILES)
        for name in watch([*INVOICE_FILES, *FIRM_FILES]):
            if name in FIRM_FILES:
                yield _judge_firms(folder / name, pl.concat(spans), moment=moment)
                continue
            batch = next(batches)
            spans.append(batch.kept["invoice"].select("firm_id", "issued_on"))
            yield batch


def find_files(folder: Path, names: tuple[str, ...]) -> None:
    """Check that a folder holds the files of a published set.

    Raises:
        InvalidInput: The folder or a file is missing.
    """
    if not folder.is_dir():
        raise InvalidInput(f"the folder {folder} does not exist; check the path")
    absent = [name for name in names if not (folder / name).is_file()]
    if absent:
        raise InvalidInput(
            f"{folder} lacks {', '.join(absent)}; this import expects {', '.join(names)}"
        )


def judge_invoices(path: Path, direction: str, *, moment: datetime) -> Batch:
    """Judge one file of invoices.

    Args:
        path: The gzipped CSV.
        direction: `sale` for the firms' output invoices, `purchase` for their input invoices.
        moment: When the import runs, UTC.
    """
    partner = PARTNERS[direction]
    file = read_csv_fast(path, (*INVOICE_COLUMNS, partner))
    texts = file.rows.select(
        "source_row_n",
        *(pl.col(found).alias(name) for found, name in INVOICE_COLUMNS.items()),
        direction=pl.lit(direction),
        currency=pl.lit("CNY"),
        partner_id="cumcm:" + pl.col(partner).str.strip_chars(),
    ).with_columns(
        firm_id="cumcm:" + pl.col("firm_id").str.strip_chars(),
        status=pl.col("status").str.strip_chars().replace(STATUSES),
    )
    return _judge(file, texts, "invoice", moment=moment)


def _judge(file: TextFile, texts: pl.DataFrame, table: str, *, moment: datetime) -> Batch:
    judged = judge_rows(texts, TABLES[table], moment=moment, raw=file.rows)
    kept = {table: judged.kept}
    return Batch(file.name, IMPORTER, file.sha256, file.rows.height, kept, judged.refused)


def _judge_firms(path: Path, spans: pl.DataFrame, *, moment: datetime) -> Batch:
    """Judge one file of firms; a firm is known from its first invoice on.

    Args:
        path: The CSV.
        spans: Columns `firm_id issued_on` of all invoices kept.
        moment: When the import runs, UTC.
    """
    file = read_csv_fast(path, (FIRM, NAME))
    firm_id = "cumcm:" + pl.col(FIRM).str.strip_chars()
    first_days = spans.group_by("firm_id").agg(known_at=pl.col("issued_on").min())
    beginning = spans["issued_on"].min()
    texts = (
        file.rows.select("source_row_n", firm_id=firm_id, name=NAME, country=pl.lit("CN"))
        .join(first_days, on="firm_id", how="left", maintain_order="left")
        .with_columns(pl.col("known_at").fill_null(beginning).cast(pl.String))
    )
    batch = _judge(file, texts, "firm", moment=moment)
    if DEFAULT not in file.rows.columns:
        return batch
    end = spans["issued_on"].dt.month_end().max()
    return _add_defaults(batch, file, end=end if isinstance(end, date) else moment.date())


def _add_defaults(batch: Batch, file: TextFile, *, end: date) -> Batch:
    """Adds a default event for each kept firm that the bank marked so; other marks are refused."""
    marks = file.rows.select(
        pl.col("source_row_n").cast(pl.Int64), mark=pl.col(DEFAULT).str.strip_chars()
    )
    events = (
        batch.kept["firm"]
        .join(marks.filter(pl.col("mark") == "是"), on="source_row_n")
        .select(
            "source_row_n",
            "firm_id",
            event_on=pl.lit(end),
            event=pl.lit("default"),
            distress=pl.lit(value=True),
            cause=pl.lit("银行标记为违约，未注明日期 / marked as default by the bank, not dated"),
            known_at=pl.lit(datetime.combine(end, time(), UTC)).cast(pl.Datetime("us", "UTC")),
        )
    )
    return replace(batch, kept={**batch.kept, "adverse_event": events})
