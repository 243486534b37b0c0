"""Technology flow, patent value and pledge value of the firms of a book."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import Frame
from techflow.flow import compare_technology, firm_patents, rate_technology, value_technology
from techflow.flow.valuing import portfolio_case, value_inputs
from techflow.innovation import FlowModel
from techflow.patents.firm_value import FirmValues, draw_firm_values
from techflow.patents.haircuts import pledge_values
from techflow.schema import DERIVED
from techflow_service.assessing.tables import sink_table
from techflow_service.assumptions import terms_in_force, values_in_force
from techflow_service.models import read_model
from techflow_service.valuing.income import id_keys

SEED = 7
FILE = "technology.parquet"
FIRM_VALUES = ("low", "median", "high", "mean")
INPUTS = (
    *("revenue_cny", "royalty_low", "royalty_high", "legal_life_left_years"),
    *("age_years", "scale_years"),
)


@dataclass(frozen=True, slots=True)
class Technology:
    """What technology is judged by.

    Attributes:
        model: The technology-flow model.
        dated: Assumptions of the income approach and of pledges, all dates.
        together: How the patents of a firm are valued together.
    """

    model: FlowModel
    dated: Mapping[str, Any]
    together: Mapping[str, Any]

    @classmethod
    def load(cls) -> "Technology":
        """The content that comes with the installation."""
        flow, assumed, together = (
            read_model(f"{name}.toml")
            for name in ("technology_flow", "patent_value", "firm_patents")
        )
        return cls(FlowModel.from_data(flow), assumed, together)

    def describe(self, on: date) -> list[dict[str, Any]]:
        """For the run record: each assumption in force, with source and mark."""
        used = {name: spec for name, spec in self.dated.items() if name != "whitelist"}
        terms = [asdict(term) for term in terms_in_force(used, on)]
        royalty = self.together["royalty"]
        ranges = [[each["zh"], each["en"], *each["range"]] for each in royalty["industry"]]
        about = {
            "name": "royalty_ranges",
            "zh": "行业许可费率区间",
            "en": "Royalty rates by industry",
        }
        source = f"{royalty['zh']} / {royalty['en']}"
        mark = {"status": royalty["mark"].split()[0], "reference": source, "since": None}
        return [*terms, {**about, **mark, "unit": "text, text, share, share", "value": ranges}]

    def rate(
        self, seen: Mapping[str, Frame], profiles: pl.DataFrame, *, as_of: date
    ) -> dict[str, pl.DataFrame]:
        """Technology flow and patent value of some firms, by table.

        Args:
            seen: Visible records.
            profiles: Their profiles.
            as_of: The day.

        Returns:
            `technology`, without what `compare` adds, and `patent_value`; ordered by key.
        """
        told = rate_technology(seen, nw.from_native(profiles.lazy()), model=self.model, as_of=as_of)
        rated: pl.DataFrame = told.to_native().sort("firm_id").collect()
        royalties = self.together["royalty"]["industry"]
        owned = firm_patents(
            seen, nw.from_native(rated.lazy()), royalties=royalties, as_of=as_of
        ).with_columns(royalty_rate=nw.col("royalty_low"))
        assumed = values_in_force(self.dated, as_of)
        ready = value_inputs(owned, assumed["scale_years"], as_of).to_native()
        patents: pl.DataFrame = ready.sort("firm_id", "patent_id").collect()
        drawn = self._draw(patents, assumed)
        firms = value_technology(
            nw.from_native(rated.lazy()), nw.from_native(self._sum(patents, drawn, assumed).lazy())
        )
        each = patents.with_columns(patent_value_mean_cny=_known(drawn.patents))
        return {
            "technology": firms.to_native().sort("firm_id").collect(),
            "patent_value": each.select(DERIVED["patent_value"].names),
        }

    def _draw(self, patents: pl.DataFrame, assumed: Mapping[str, Any]) -> FirmValues:
        columns = {
            name: patents[name].cast(pl.Float64).fill_null(math.nan).to_numpy() for name in INPUTS
        }
        place = patents["firm_id"].rle_id().cast(pl.Int64).to_numpy()
        firms = patents["firm_id"].unique(maintain_order=True)
        return draw_firm_values(
            portfolio_case(columns, assumed),
            place,
            keys=(id_keys(firms), id_keys(patents["patent_id"])),
            draws_n=self.together["draws_n"],
            seed=SEED,
        )

    def _sum(
        self, patents: pl.DataFrame, drawn: FirmValues, assumed: Mapping[str, Any]
    ) -> pl.DataFrame:
        """Per firm: value, dependence on one patent, and the cap of the product."""
        caps, value = assumed["pledge"]["cap_share"], pl.col("value")
        cap = pl.col("kind").replace_strict(caps, default=0.0, return_dtype=pl.Float64)
        total = pl.when(value.sum() > 0).then(value.sum())
        firms = (
            patents.with_columns(value=_known(drawn.patents))
            .group_by("firm_id", maintain_order=True)
            .agg(
                pl.col("patents_in_force_n", "technology_revenue_cny", "royalty_basis").first(),
                royalty_share=(pl.col("royalty_low") * pl.col("royalty_high")).sqrt().first(),
                largest_patent_share=value.max() / total,
                patent_value_hhi_share=(value * value).sum() / (total * total),
                pledge_cap_share=(value * cap).sum() / total,
            )
        )
        values = {
            f"patent_value_{name}_cny": _known(drawn.firms[:, place])
            for place, name in enumerate(FIRM_VALUES)
        }
        return firms.with_columns(**values)

    def compare(self, staged: Path, *, as_of: date) -> None:
        """Add what needs the whole book: peers, and the pledge at the firm's default probability.

        Args:
            staged: Folder with `technology.parquet` and `assessment.parquet`, both by firm.
            as_of: The day.
        """
        path = staged / FILE
        if not path.is_file():
            return
        table = DERIVED["technology"]
        facts = pl.scan_parquet(staged / "assessment.parquet").select(
            "firm_id", "industry_code", "pd"
        )
        peers = [name for name in table.names if name.startswith("flow_peer")]
        rows = pl.scan_parquet(path).drop(peers)
        placed = compare_technology(
            nw.from_native(rows.join(facts, on="firm_id", how="left")),
            peers_n_min=self.together["peers_n_min"],
            year_n=as_of.year,
        )
        firms: pl.DataFrame = placed.to_native().sort("firm_id").collect()
        pledged = firms.with_columns(self._pledge(firms, as_of)).with_columns(_pledge_reason())
        sink_table(pledged.lazy().select(table.names), path)

    def _pledge(self, firms: pl.DataFrame, as_of: date) -> list[pl.Series]:
        terms = values_in_force(self.dated, as_of)["pledge"]
        names = [f"patent_value_{name}_cny" for name in FIRM_VALUES[:3]]
        low, median, high, pd, cap = (
            firms[name].fill_null(math.nan).to_numpy()
            for name in (*names, "pd", "pledge_cap_share")
        )
        given = ("correlation", "confidence", "sale_cost_share", "rate_pa")
        found = pledge_values((low, median, high), pd, cap, **{name: terms[name] for name in given})
        return [_known(array).alias(name) for name, array in zip(found._fields, found, strict=True)]


def _pledge_reason() -> pl.Expr:
    no_value = pl.col("patent_value_median_cny").is_null()
    return (
        pl.when(no_value | (pl.col("patent_value_median_cny") <= 0))
        .then(pl.lit("no_value"))
        .when(pl.col("pd").is_null())
        .then(pl.lit("no_default_probability"))
        .when(pl.col("pledge_cap_share") <= 0)
        .then(pl.lit("kind_not_taken"))
        .alias("pledge_reason_code")
    )


def _known(values: Any) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64, nan_to_null=True)
