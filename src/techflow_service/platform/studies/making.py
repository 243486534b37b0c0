"""All studies of a folder of runs, one after the other."""

from pathlib import Path

from techflow_service.clock import now
from techflow_service.platform.models import Run
from techflow_service.platform.studies.loans import load_loans
from techflow_service.platform.studies.needs import study_needs
from techflow_service.platform.studies.policies import study_policies
from techflow_service.platform.studies.pools import open_demo_pool, study_pools
from techflow_service.platform.studies.solvency import study_solvency
from techflow_service.platform.warming import warm_totals


def make_studies(folder: Path, owner_url: str) -> None:
    """Make what is missing for the newest run; what compiles for long comes last.

    Args:
        folder: Holds `store` and one folder per run, named by its day.
        owner_url: The database as its owner.
    """
    run = Run.objects.using("owner").last()
    if run is None:
        return
    place = folder / str(run.as_of)
    load_loans(folder / "store", run)
    open_demo_pool(owner_url, run.as_of)
    study_pools(owner_url, now().date())
    study_policies(place, run)
    study_needs(place, run)
    warm_totals(owner_url, run.pk)
    study_solvency(place, run)
