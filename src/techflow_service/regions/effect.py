"""What followed a dated measure in the regions it reached, outcome by outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from techflow.basics import InvalidInput
from techflow.policy.params import Codes
from techflow.region.effects import Difference, compare_changes, doubt_design
from techflow_service.policies import ROOT, load_law
from techflow_service.regions.model import RegionModel


@dataclass(frozen=True, slots=True)
class Group:
    """A dated group of regions by its codes: wholly inside, partly inside (of the model's)."""

    zh: str
    en: str
    whole: tuple[str, ...]
    partly: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Found:
    """One outcome of one design: the difference if there is one, and the doubts."""

    outcome: str
    reached: tuple[str, ...]
    others_n: int
    years: tuple[int, ...]
    difference: Difference | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A design with what was found and what it left out."""

    name: str
    since: int
    groups: tuple[Group, ...]
    left_out: tuple[str, ...]
    found: tuple[Found, ...]


def read_groups(design: dict[str, Any], model: RegionModel) -> tuple[Group, ...]:
    """Groups of a policy in force on the design's day, in the model's regions."""
    params = load_law(Path(ROOT) / "cn" / design["policy"]).params
    groups = []
    for name in design["params"]:
        term = params.at(name, design["on"])
        if not isinstance(term, Codes):
            raise InvalidInput(f"{design['policy']}: parameter {name} must be a list of codes")
        whole: set[str] = set()
        partly: set[str] = set()
        for code in (text.ljust(6, "0") for text in term.codes):
            province = code[:2].ljust(6, "0")
            if province in model.words["region"]:
                (whole if code == province else partly).add(province)
        inside, in_part = tuple(sorted(whole)), tuple(sorted(partly - whole))
        source = term.source
        groups.append(Group(source.zh, source.en, inside, in_part, str(source.mark)))
    return tuple(groups)


def study_design(years: pl.DataFrame, model: RegionModel, name: str, *, seed: int) -> Study:
    """All outcomes of a design of the model.

    Args:
        years: Result of `read_years`.
        model: Designs and terms.
        name: Name of the design.
        seed: Seed of the choices.

    Raises:
        InvalidInput: The model has no such design.
    """
    designs = model.words["design"]
    if name not in designs:
        raise InvalidInput(f"design must be one of {', '.join(designs)}; got {name!r}")
    design = designs[name]
    groups = read_groups(design, model)
    inside = {code for group in groups for code in group.whole}
    partly = {code for group in groups for code in group.partly} - inside
    near = set(design.get("neighbours", ()))
    reached, out = (near, inside | partly) if near else (inside, partly)
    found = [
        study_outcome(years, model, outcome, (reached, out, design["since_year_n"]), seed=seed)
        for outcome in model.words["effect"]["outcomes"]
    ]
    return Study(name, design["since_year_n"], groups, tuple(sorted(out)), tuple(found))


def study_outcome(
    years: pl.DataFrame,
    model: RegionModel,
    outcome: str,
    design: tuple[set[str], set[str], int],
    *,
    seed: int,
) -> Found:
    """One outcome, in logarithms, over the years before and all years after.

    Args:
        years: Result of `read_years`.
        model: Terms.
        outcome: A measure.
        design: Regions reached, regions left out, first year after.
        seed: Seed of the choices.
    """
    reached, out, since = design
    terms = model.words["effect"]
    first = since - terms["before_years_n"]
    cells = years.filter((pl.col("year_n") >= first) & (pl.col(outcome) > 0))
    there = sorted(cells["year_n"].unique().to_list())
    if not there or there[-1] < since:
        return Found(outcome, tuple(sorted(reached)), 0, tuple(there), None, ("no_years_after",))
    codes, panel = balance(cells, outcome, there, out)
    hit = np.array([code in reached for code in codes])
    before_n = sum(year < since for year in there)
    kept = tuple(code for code in codes if code in reached)
    if not hit.any() or hit.all() or not before_n:
        return Found(outcome, kept, 0, tuple(there), None, ("no_regions",))
    made = compare_changes(panel, hit, before_n=before_n, draws_n=terms["draws_n"], seed=seed)
    doubts = doubt_design(panel, hit, made, before_n=before_n, terms=terms)
    return Found(outcome, kept, len(codes) - len(kept), tuple(there), made, tuple(doubts))


def balance(
    cells: pl.DataFrame, outcome: str, there: Sequence[int], out: set[str]
) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float64]]]:
    """Regions with all years known, and their outcome in logarithms.

    Args:
        cells: Years with the outcome above zero.
        outcome: A measure.
        there: Years wanted.
        out: Regions left out.
    """
    codes, rows = [], []
    for (code,), part in cells.sort("region_code", "year_n").group_by(
        "region_code", maintain_order=True
    ):
        if part.height == len(there) and code not in out:
            codes.append(str(code))
            rows.append(np.log(part[outcome].to_numpy()))
    return codes, np.array(rows, dtype=np.float64)


def effect_rows(studies: Sequence[Study], model: RegionModel) -> pl.DataFrame:
    """All findings as a table; a null where there is none."""
    rows = []
    for study in studies:
        for found in study.found:
            made = found.difference
            doubts = [model.words["doubt"][code] for code in found.doubts]
            rows.append(
                {
                    "design": study.name,
                    "outcome": found.outcome,
                    "identified": not found.doubts,
                    "why_not_zh": "；".join(words["zh"] for words in doubts),
                    "why_not": "; ".join(words["en"] for words in doubts),
                    "difference_log": made.estimate if made else None,
                    "difference_log_se": made.se if made else None,
                    "difference_log_margin": made.margin if made else None,
                    "p": made.p if made else None,
                    "p_least": made.p_least if made else None,
                    "trend_log_pa": made.trend if made else None,
                    "trend_p": made.trend_p if made else None,
                    "reached": " ".join(found.reached),
                    "others_n": found.others_n,
                    "left_out": " ".join(study.left_out),
                }
            )
    return pl.DataFrame(rows).with_columns(
        pl.col("difference_log_se").fill_nan(None), pl.col("difference_log").cast(pl.Float64)
    )
