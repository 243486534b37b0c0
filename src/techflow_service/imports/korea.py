"""Listed Korean firms: annual accounts, delistings, names, and their sampled US patents."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from techflow.basics import InvalidInput
from techflow.basics.problem import Problem
from techflow.schema import TABLES
from techflow_service.imports.batch import Batch, Watch, sha256_of
from techflow_service.imports.china_sme import find_files
from techflow_service.imports.files import TextFile, read_bytes, read_csv_fast
from techflow_service.imports.judge import judge_rows
from techflow_service.imports.known import KOREAN_FILING_LAG_DAYS
from techflow_service.imports.korea_accounts import MONEY, NEEDED, STOCK_CODE_LENGTH, korea_texts

IMPORTER = "korea"
ACCOUNTS = "firm_year_2015_2019.csv.gz"
DELISTINGS = "delisting_events_2016_2020.csv"
NAMES = "name_crosswalk.csv"
PATENTS = "../patentsview/patents_by_assignee.parquet"
DISTRESS_WORDS = ("감사", "상장폐지", "자본", "부도", "계속성", "보고서", "회생", "파산")
"""A delisting is for distress if its reason has one of these words ..."""
OTHER_WORDS = ("해산", "합병", "완전자회사", "신청", "이전")
"""... and none of these (definition of the sealed evaluation, README of the data)."""
PATENT_KINDS = {"utility": "invention", "reissue": "invention", "plant": "invention"}
PATENT_COLUMNS = {
    "patent_date": "granted_on",
    "filing_date": "filed_on",
    "patent_title": "title",
    "num_claims": "claims_n",
    "n_inventors": "inventors_n",
}
SHARED_NAME = Problem(
    "ambiguous_owner",
    "清洗后的专利权人名称对应多家上市公司，无法确定归属",
    "the cleaned assignee name fits several listed firms; the owner cannot be told",
)


def read_korea(folder: Path, *, moment: datetime, watch: Watch = iter) -> Iterator[Batch]:
    """Judge the files of the set; patents only if the sample lies beside the folder.

    Args:
        folder: Where the three files lie.
        moment: When the import runs, UTC.
        watch: Passes the names of the files on while they are read, to show progress.

    Raises:
        InvalidInput: The folder or one of its files is missing or not as published.
    """
    find_files(folder, (NAMES, ACCOUNTS, DELISTINGS))
    names = read_csv_fast(folder / NAMES, ("stock_code", "corp_name", "y0", "n"))
    judges: dict[str, Callable[[Path], Batch]] = {
        NAMES: lambda path: _judge(names, _firm_texts(names.rows), "firm", moment=moment),
        ACCOUNTS: lambda path: judge_accounts(path, names.rows, moment=moment),
        DELISTINGS: lambda path: judge_delistings(path, moment=moment),
    }
    if (folder / PATENTS).is_file():
        judges[PATENTS] = lambda path: judge_patents(path, names.rows, moment=moment)
    for name in watch(list(judges)):
        yield judges[name](folder / name)


def _judge(file: TextFile, texts: pl.DataFrame, table: str, *, moment: datetime) -> Batch:
    judged = judge_rows(texts, TABLES[table], moment=moment, raw=file.rows)
    kept = {table: judged.kept}
    return Batch(file.name, IMPORTER, file.sha256, file.rows.height, kept, judged.refused)


def _firm_id() -> pl.Expr:
    return "kr.stock:" + pl.col("stock_code").str.strip_chars().str.zfill(STOCK_CODE_LENGTH)


def _firm_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """A listed firm is known from the end of its first financial year in the accounts."""
    english = {"name": "name_en", "sector": "sector", "city": "city"}
    return rows.select(
        "source_row_n",
        *(pl.col(found).alias(name) for found, name in english.items() if found in rows.columns),
        firm_id=_firm_id(),
        name=pl.col("corp_name"),
        country=pl.lit("KR"),
        listed=pl.lit("yes"),
        known_at=pl.col("y0") + "-12-31",
    )


def judge_accounts(path: Path, names: pl.DataFrame, *, moment: datetime) -> Batch:
    """Judge the accounts; firms without a line in the crosswalk get their row from here.

    Args:
        path: The gzipped CSV.
        names: The crosswalk.
        moment: When the import runs, UTC.
    """
    file = read_csv_fast(path, (*NEEDED, "corp_name", *MONEY))
    end = pl.col("period_end_on").str.to_date("%Y-%m-%d", strict=False)
    filed = end.dt.offset_by(f"{KOREAN_FILING_LAG_DAYS}d")
    texts = korea_texts(file.rows).with_columns(
        file.rows["source_row_n"],
        known_at=pl.min_horizontal(filed, pl.lit(moment.date())).cast(pl.String),
    )
    batch = _judge(file, texts, "statement", moment=moment)
    named = names.select(firm_id=_firm_id())
    first = (
        batch.kept["statement"]
        .join(named, on="firm_id", how="anti")
        .sort("period_end_on", "source_row_n")
        .unique("firm_id", keep="first", maintain_order=True)
        .join(_corp_names(file.rows), on="source_row_n")
    )
    firms = first.select(
        "source_row_n",
        "firm_id",
        "name",
        country=pl.lit("KR"),
        listed=pl.lit(value=True),
        known_at=pl.col("period_end_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    )
    return replace(batch, kept={**batch.kept, "firm": firms})


def _corp_names(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("source_row_n").cast(pl.Int64), name=pl.col("corp_name").str.strip_chars()
    )


def is_distress(reason: pl.Expr) -> pl.Expr:
    """Whether a delisting was for distress, by the words of its reason.

    Args:
        reason: Reason in Korean.
    """
    return reason.str.contains_any(list(DISTRESS_WORDS)) & ~reason.str.contains_any(
        list(OTHER_WORDS)
    )


def judge_delistings(path: Path, *, moment: datetime) -> Batch:
    """Judge the delistings; each is an adverse event known on its day.

    Args:
        path: The CSV.
        moment: When the import runs, UTC.
    """
    file = read_csv_fast(path, ("stock_code", "delist_date", "reason"))
    texts = file.rows.select(
        "source_row_n",
        firm_id=_firm_id(),
        event_on=pl.col("delist_date"),
        event=pl.lit("delisted"),
        distress=is_distress(pl.col("reason")).cast(pl.String),
        cause=pl.col("reason"),
    )
    return _judge(file, texts, "adverse_event", moment=moment)


def judge_patents(path: Path, names: pl.DataFrame, *, moment: datetime) -> Batch:
    """Judge the rows of the patent sample that bear the name of a listed firm.

    The crosswalk names the cleaned assignee (`n`) of each firm; rows of the sample with that
    cleaned name are the firm's, which reproduces its counts. Names shared by several listed
    firms (a holding and its daughter, say) are refused: the owner cannot be told.

    Args:
        path: The Parquet file.
        names: The crosswalk.
        moment: When the import runs, UTC.

    Raises:
        InvalidInput: The file has other columns than published.
    """
    content = read_bytes(path)
    sample = pl.read_parquet(content)
    absent = [name for name in ("patent_id", "n", "cpc_group") if name not in sample.columns]
    if absent:
        raise InvalidInput(f"{path.name}: the column {', '.join(absent)} is missing")
    owners = names.filter(pl.col("n").is_not_null()).select("n", firm_id=_firm_id())
    owners = owners.group_by("n").agg(pl.col("firm_id").sort().str.join(" "))
    rows = sample.with_row_index("source_row_n", 1).join(owners, on="n", maintain_order="left")
    texts = _patent_texts(rows)
    raw = rows.select("source_row_n", "patent_id", "assignee", "n", owners="firm_id")
    file = TextFile(path.name, sha256_of(content), raw)
    shared = rows["firm_id"].str.contains(" ", literal=True)
    return _refuse_shared(file, texts, shared, moment=moment)


def _patent_texts(rows: pl.DataFrame) -> pl.DataFrame:
    symbols = pl.col("cpc_group")
    kind = pl.col("patent_type").replace_strict(PATENT_KINDS, default=pl.col("patent_type"))
    return rows.select(
        "source_row_n",
        "firm_id",
        *(pl.col(found).cast(pl.String).alias(name) for found, name in PATENT_COLUMNS.items()),
        patent_id="US" + pl.col("patent_id"),
        patent_kind=pl.when(kind.is_in(["invention", "design"])).then(kind),
        cpc=symbols.list.join(";"),
        cpc_subclasses_n=symbols.list.eval(pl.element().str.slice(0, 4))
        .list.n_unique()
        .cast(pl.String),
    )


def _refuse_shared(
    file: TextFile, texts: pl.DataFrame, shared: pl.Series, *, moment: datetime
) -> Batch:
    single = TextFile(file.name, file.sha256, file.rows.filter(~shared))
    batch = _judge(single, texts.filter(~shared), "patent", moment=moment)
    refused = file.rows.filter(shared).select(
        pl.col("source_row_n").cast(pl.Int64),
        pl.lit("patent").alias("table_name"),
        pl.lit("firm_id").alias("column_name"),
        pl.col("owners").alias("value_text"),
        pl.lit(SHARED_NAME.code).alias("reason_code"),
        pl.lit(SHARED_NAME.zh).alias("reason_zh"),
        pl.lit(SHARED_NAME.en).alias("reason_en"),
        row_json=pl.struct(pl.exclude("source_row_n")).struct.json_encode(),
    )
    both = pl.concat([batch.refused, refused])
    return replace(batch, rows_n=file.rows.height, refused=both)
