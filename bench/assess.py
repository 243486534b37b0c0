"""`make bench-assess`: the main job measured. The last line is one JSON object.

Cards on firms they never saw (real sets), invoice features against plain pandas (real set, same
run), and the whole command on the yardstick economy of 100,000 and 1,000,000 firms.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.cards import measure_cards
from bench.pandas_features import compare
from bench.whole_process import run
from techflow_service.store import Store

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
SME_AS_OF, YARDSTICK_AS_OF = date(2020, 2, 29), date(2026, 6, 30)
SMALL_N, LARGE_N, SEED = 100_000, 1_000_000, 1
UV = Path(sys.executable).with_name("uv")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def real_sets(folder: Path) -> dict:
    """Import both real sets into one store; cards and features are measured on it."""
    store = folder / "real"
    run("import", "china-sme", DATA / "china_sme_invoices", "--store", store)
    run("import", "korea", DATA / "korea_dart", "--store", store)
    say("cards: cross-validation and permutations")
    measured = measure_cards(store)
    say("invoice features: ours and pandas in turn")
    invoices = Store.open(store).snapshot().scan("invoice").collect()
    return measured | compare(invoices, SME_AS_OF)


def assess_yardstick(folder: Path, firms_n: int) -> dict:
    """`techflow assess` on a fresh yardstick economy, as one whole process."""
    store, out = folder / f"yardstick-{firms_n}", folder / f"out-{firms_n}"
    say(f"yardstick economy of {firms_n:,} firms")
    economy = ("--config", "yardstick", "--firms", firms_n, "--seed", SEED)
    made = run("sample", "--store", store, *economy)
    used = run("assess", "--store", store, "--as-of", YARDSTICK_AS_OF, "--out", out)
    say(f"  made in {made.seconds:.1f} s, assessed in {used.seconds:.1f} s")
    return {"seconds": used.seconds, "cpu_s": used.cpu_seconds, "rss_gb": used.rss_gb}


def core_mb(folder: Path) -> float:
    """Installed size of the wheel and what it requires, without extras, in MB."""
    subprocess.run([UV, "build", "--wheel", "-q", "--out-dir", folder / "dist"], check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    target = folder / "core"
    subprocess.run([UV, "pip", "install", "-q", "--target", target, wheel], check=True)
    return sum(p.stat().st_size for p in target.rglob("*") if p.is_file()) / 1e6


def measure(folder: Path) -> dict:
    """Every figure of the issue, by name."""
    measured = real_sets(folder)
    small, large = (assess_yardstick(folder, n) for n in (SMALL_N, LARGE_N))
    return measured | {
        "firms_1m_s": large["seconds"],
        "firms_1m_cpu_s": large["cpu_s"],
        "firms_1m_rss_gb": large["rss_gb"],
        "firms_100k_s": small["seconds"],
        "scaling": large["seconds"] / small["seconds"],
        "core_mb": core_mb(folder),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}))
