"""Turns the arrays of the synthetic region into frames of the dictionary's tables."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from techflow.economy import STAGES, Columns, Mechanism
from techflow.economy.places import BRAND_FIRST, BRAND_SECOND, FICTION_EN, FICTION_ZH
from techflow.economy.works import KINDS
from techflow.schema import TABLES

DTYPES: dict[str, Any] = {
    "text": pl.String,
    "int": pl.Int64,
    "float": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us", "UTC"),
}
CURRENCY = "CNY"
COUNTRY = "CN"


def sample_prefix(mechanism: Mechanism, seed: int) -> str:
    """What every id of a sample starts with: nobody can take it for a real one."""
    return f"sample:{mechanism.config}-{seed}-"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of drawn firms, cut to the firms asked for.

    Attributes:
        mechanism: The declared mechanism.
        seed: Seed of the sample.
        number: Number of the chunk, from 0.
        firms: Columns of `draw_firms` and `draw_outcomes`, and `stops_on`.
        firms_n: How many firms of the chunk belong to the sample; the rest are dropped.
    """

    mechanism: Mechanism
    seed: int
    number: int
    firms: Columns
    firms_n: int

    @property
    def draw(self) -> dict[str, int]:
        """Seed and chunk, as the kernels take them."""
        return {"seed": self.seed, "chunk": self.number}

    @property
    def prefix(self) -> str:
        """What every id of this sample starts with."""
        return sample_prefix(self.mechanism, self.seed)

    def firm_ids(self) -> pl.Series:
        """Ids of all firms of the chunk, in order."""
        number = pl.Series(self.firms["firm_n"]).cast(pl.String).str.zfill(7)
        return pl.select(self.prefix + number).to_series()

    def frame(self, columns: Columns) -> pl.DataFrame:
        """Rows that belong to the sample, with `firm_id` in place of the row number `firm`."""
        ours = columns["firm"] < self.firms_n
        frame = pl.DataFrame({name: values[ours] for name, values in columns.items()})
        return frame.with_columns(firm_id=self.firm_ids().gather(frame["firm"]))


def conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of a table of the dictionary in order, null where the frame has none.

    Args:
        table: Table name.
        frame: Frame with some of its columns, under the same names.

    Returns:
        All columns except `loaded_at`, which the store stamps.
    """
    columns = [column for column in TABLES[table].columns if column.name != "loaded_at"]
    have = set(frame.columns)
    return frame.select(
        (pl.col(c.name) if c.name in have else pl.lit(None)).cast(DTYPES[c.kind]).alias(c.name)
        for c in columns
    )


def moment(day: pl.Expr) -> pl.Expr:
    """The start of a day in UTC."""
    return day.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def labels(values: list[str], codes: Any) -> pl.Series:
    """The label of each code."""
    return pl.Series(values, dtype=pl.String).gather(codes)


def firm_frame(chunk: Chunk, opens_on: date) -> pl.DataFrame:
    """Table `firm`. Names say that they are fictional; the credit code stays null.

    Args:
        chunk: The drawn firms.
        opens_on: First day of the sample's record; older firms are known from then.
    """
    firms, sectors, regions = chunk.firms, chunk.mechanism.sectors, chunk.mechanism.regions
    cities = [city for region in regions for city in region.cities]
    first = np.cumsum([0] + [len(region.cities) for region in regions])[:-1]
    city = first[firms["region"]] + firms["city"]
    one, two = firms["brand"] % len(BRAND_FIRST), firms["brand"] // len(BRAND_FIRST)
    frame = pl.DataFrame(
        {
            "firm_id": chunk.firm_ids(),
            "region_code": labels([item.code for item in regions], firms["region"]),
            "city": labels([zh for zh, _ in cities], city),
            "city_en": labels([en for _, en in cities], city),
            "brand": labels([zh for zh, _ in BRAND_FIRST], one)
            + labels([zh for zh, _ in BRAND_SECOND], two),
            "brand_en": labels([en for _, en in BRAND_FIRST], one)
            + labels([en for _, en in BRAND_SECOND], two),
            "word": labels([item.word_zh for item in sectors], firms["sector"]),
            "word_en": labels([item.word_en for item in sectors], firms["sector"]),
            "industry_code": labels([item.industry_code for item in sectors], firms["sector"]),
            "sector": labels([f"{item.zh} / {item.en}" for item in sectors], firms["sector"]),
            "founded_on": firms["founded_on"],
            "life_stage": labels(list(STAGES), firms["stage"]),
        }
    )
    return frame.head(chunk.firms_n).with_columns(
        name=pl.format(FICTION_ZH + "{}{}{}有限公司", "city", "brand", "word"),
        name_en=pl.format(FICTION_EN + "{} {} {} Co., Ltd.", "city_en", "brand_en", "word_en"),
        country=pl.lit(COUNTRY),
        listed=pl.lit(False),
        known_at=moment(pl.max_horizontal("founded_on", pl.lit(opens_on))),
    )


def statement_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `statement`: separate accounts, known after the filing lag."""
    lag = timedelta(days=chunk.mechanism.filing_lag_days)
    return chunk.frame(columns).with_columns(
        basis=pl.lit("separate"),
        months_n=pl.lit(12),
        currency=pl.lit(CURRENCY),
        known_at=moment(pl.col("period_end_on") + lag),
    )


def patent_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `patent`. Ids start with XX, an office that does not exist.

    With `patent_versions` a patent is known from its filing and again, with its grant, from
    the day of grant; without, each has one row, known from its grant or else its filing.
    """
    subclasses = [name for item in chunk.mechanism.sectors for name in item.ipc]
    sector = chunk.firms["sector"][columns["firm"]]
    code = sector * len(chunk.mechanism.sectors[0].ipc) + columns["subclass"]
    seed, firm = pl.lit(f"{chunk.seed % 100:02d}"), pl.col("firm_id").str.slice(-7)
    place = pl.col("place").cast(pl.String).str.zfill(4)
    final = chunk.frame({**columns, "code": code}).with_columns(
        patent_id=pl.format("XX{}{}{}", seed, firm, place),
        patent_kind=pl.col("kind").replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String),
        ipc=pl.col("code").replace_strict(dict(enumerate(subclasses)), return_dtype=pl.String),
        known_at=moment(pl.coalesce("granted_on", "filed_on")),
    )
    if not chunk.mechanism.patent_versions:
        return final
    first = final.filter(pl.col("granted_on").is_not_null()).with_columns(
        granted_on=pl.lit(None, pl.Date), known_at=moment(pl.col("filed_on"))
    )
    return pl.concat([first, final]).sort("patent_id", "known_at")


def staff_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `staff`: heads at year end, known a month later."""
    lag = timedelta(days=31)
    return chunk.frame(columns).with_columns(known_at=moment(pl.col("counted_on") + lag))


def invoice_frame(chunk: Chunk, columns: Columns) -> pl.DataFrame:
    """Table `invoice`: single invoices, known on the day of issue."""
    frame = chunk.frame(columns)
    inside = chunk.firm_ids().gather(frame["partner"].clip(0))
    outside = pl.col("outside_n").cast(pl.String).str.zfill(6)
    return frame.with_columns(
        direction=pl.when(pl.col("direction") == 0)
        .then(pl.lit("sale"))
        .otherwise(pl.lit("purchase")),
        invoice_number=pl.col("number").cast(pl.String),
        partner_id=pl.when(pl.col("partner") >= 0)
        .then(inside)
        .otherwise(pl.format("sample:outside-{}", outside)),
        currency=pl.lit(CURRENCY),
        gross_lcy=(pl.col("net_lcy") + pl.col("vat_lcy")).round(2),
        status=pl.when("void").then(pl.lit("void")).otherwise(pl.lit("valid")),
        known_at=moment(pl.col("issued_on")),
    )


def invoice_month_frame(chunk: Chunk, months: Columns, starts: Any) -> pl.DataFrame:
    """Table `invoice_month`: one row per firm and month, known when the month is over."""
    firms_n, months_n = months["sales_lcy"].shape
    flat = {name: values.reshape(-1) for name, values in months.items()}
    flat = {
        "firm": np.repeat(np.arange(firms_n), months_n),
        "month_on": np.tile(starts, firms_n),
        **flat,
    }
    return chunk.frame(flat).with_columns(
        currency=pl.lit(CURRENCY),
        purchases_lcy=pl.when(pl.col("purchase_n") > 0).then("purchases_lcy"),
        known_at=moment(pl.col("month_on").dt.month_end()),
    )
