"""What the commands write. Needs the extra `simulate`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from techflow_service.regions.effect import effect_rows, study_design
from techflow_service.regions.effect_page import render_effect
from techflow_service.regions.efficiency import score_years
from techflow_service.regions.efficiency_page import render_efficiency
from techflow_service.regions.model import RegionModel, read_model, read_years
from techflow_service.regions.rank_page import render_rank
from techflow_service.regions.ranking import rank_regions
from techflow_service.regions.twins import study_twins, twin_rows
from techflow_service.scoring import read_rows, write_rows


@dataclass(frozen=True, slots=True)
class RegionTask:
    """File of yearbook rows, folder for the result, own model, weights that replace, seed."""

    file: Path
    out: Path
    model: Path | None
    weights: dict[str, float]
    seed: int


def run_rank(task: RegionTask, year: int | None) -> dict[str, Any]:
    """Write region_rank.csv, region_years.csv and region_rank.html; the counts."""
    model = read_model(task.model, task.weights)
    years = read_years(read_rows(task.file), model)
    found = rank_regions(years, model, year=year, seed=task.seed)
    write_rows(found.rows, task.out / "region_rank.csv")
    write_rows(years, task.out / "region_years.csv")
    (task.out / "region_rank.html").write_text(render_rank(found, model), "utf8")
    tiers = found.rows["tier"].to_list()
    return {
        "out": str(task.out),
        "year": found.year,
        "ranked_n": found.rows["rank"].count(),
        "top_n": tiers.count("top"),
        "improved_n": tiers.count("improved"),
        "unknown_n": tiers.count("unknown"),
    }


def run_efficiency(task: RegionTask, **how: Any) -> dict[str, Any]:
    """Write region_efficiency.csv and region_efficiency.html; the counts.

    Args:
        task: What to read and where to write.
        **how: Entries that replace those of the table `efficiency` of the model.
    """
    model = _changed(read_model(task.model), how)
    found = score_years(read_years(read_rows(task.file), model), model, seed=task.seed)
    write_rows(found.rows, task.out / "region_efficiency.csv")
    (task.out / "region_efficiency.html").write_text(render_efficiency(found, model), "utf8")
    scored = found.rows["efficiency"].count()
    return {
        "out": str(task.out),
        "years_n": len(found.draws),
        "scored_n": scored,
        "unknown_n": found.rows.height - scored,
    }


def run_effect(task: RegionTask, designs: tuple[str, ...]) -> dict[str, Any]:
    """Write region_effect.csv, region_twin.csv and region_effect.html; the counts.

    Args:
        task: What to read and where to write.
        designs: Designs of the model; none for all.
    """
    model = read_model(task.model)
    years = read_years(read_rows(task.file), model)
    names = designs or tuple(model.words["design"])
    studies = [study_design(years, model, name, seed=task.seed) for name in names]
    rows = effect_rows(studies, model)
    twins = study_twins(years, model, studies)
    write_rows(rows, task.out / "region_effect.csv")
    write_rows(twin_rows(twins, model), task.out / "region_twin.csv")
    page = render_effect(studies, years, model, twins)
    (task.out / "region_effect.html").write_text(page, "utf8")
    return {
        "out": str(task.out),
        "comparisons_n": rows.height,
        "identified_n": int(rows["identified"].sum()),
        "twins_n": len(twins),
        "twins_identified_n": sum(not twin.doubts for twin in twins),
    }


def _changed(model: RegionModel, how: dict[str, Any]) -> RegionModel:
    given = {name: value for name, value in how.items() if value is not None}
    words = {**model.words, "efficiency": model.words["efficiency"] | given}
    return replace(model, words=words)
