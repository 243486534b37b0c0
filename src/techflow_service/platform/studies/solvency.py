"""Whether the purse of a pool lasts, by simulation."""

import tempfile
from pathlib import Path

import polars as pl

from techflow.flow.solvency_book import Run as Draws
from techflow_service.platform.models import Run
from techflow_service.platform.studies.pools import SCHEME
from techflow_service.platform.studies.storing import has, keep
from techflow_service.schemes import SCHEMES, settled_scheme
from techflow_service.solvency.running import Asked, simulate_file

LGD, LOAN_CNY_MAX = 0.40, 10_000_000.0
DRAWS = Draws(3, 2_000, 7)


def study_solvency(folder: Path, run: Run) -> None:
    """Keep whether a pool over the limits of a run would last, once a day.

    Args:
        folder: Folder of `techflow assess`.
        run: The run.
    """
    if has("solvency", run.as_of):
        return
    assessed = pl.read_parquet(folder / "assessment.parquet")
    scheme = settled_scheme(SCHEMES, SCHEME, run.as_of)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "book.parquet"
        lay_book(assessed).write_parquet(path)
        told, _ = simulate_file(path, scheme, Asked(run.as_of, DRAWS, renew=True, given={}))
    told.pop("firms")
    keep("solvency", SCHEME, run.as_of, told)


def lay_book(assessed: pl.DataFrame) -> pl.DataFrame:
    """A loan of its limit for each firm with a limit and a PD, one bank, none a first loan.

    Args:
        assessed: The assessment.
    """
    return assessed.filter(
        pl.col("currency") == "CNY", pl.col("limit_lcy") > 0, pl.col("pd").is_not_null()
    ).select(
        "firm_id",
        "pd",
        "sector",
        lgd=pl.lit(LGD),
        loan_cny=pl.min_horizontal("limit_lcy", pl.lit(LOAN_CNY_MAX)),
        first_loan=pl.lit(value=False),
        region="region_code",
        bank_id=pl.lit("bank"),
    )
