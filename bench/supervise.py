"""`make bench-supervise`: disclosure, rings, efficiency, a policy experiment of a million firms.

Puts the main figures of bench-disclosure, bench-fraud and bench-region, by their own code, beside
one million firms of the yardstick economy through the whole chain: `techflow assess` (profile,
grade, limit, qualification) and `techflow policy experiment` (price, take-up, losses, public
purse), two whole processes; the backstop fund, returns after tax and the early
warning on a demo of 2,000 firms. Making the economy is not counted. Last line: one JSON object.
"""

import json
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.disclosure import measure_auc, measure_published, read_korea
from bench.fraud import measure_rings, measure_stream, regions
from bench.policy import say
from bench.region import measure as measure_efficiencies
from bench.whole_process import run

FIRMS_N, SEED, AS_OF = 1_000_000, 1, "2026-06-30"
DEMO_FIRMS_N = 2_000
CHANGE = """
zh = "基金分担比例40%改为30%，担保费由1%降至0.5%"
en = "The fund takes 30 % instead of 40 %, the fee falls from 1 % to 0.5 %"
[policy."cn.special_guarantee_plan"]
ngf_share_max = "30%"
[product.special-guarantee-loan]
fee_rate_pa = 0.005
"""
RINGS = ("ring_recall_at_capacity", "ring_precision", "capacity_n")
EFFICIENCY = ("dea_ratio_vs_plain_lp", "dea_programmes_n", "dea_gap_max")


@contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def measure_experiment(firms_n=FIRMS_N):
    """Seconds of the chain, of its two processes, and what the experiment found."""
    with folder() as path:
        (path / "change.toml").write_text(CHANGE, "utf8")
        store, assessed, out = (path / name for name in ("store", "assessed", "out"))
        say(f"yardstick economy of {firms_n:,} firms")
        run(
            *("sample", "--store", store, "--config", "yardstick"),
            *("--firms", firms_n, "--seed", SEED),
        )
        say("assess")
        first = run("assess", "--store", store, "--as-of", AS_OF, "--out", assessed)
        say("experiment")
        second = run("policy", "experiment", path / "change.toml", assessed, "--out", out)
        told = json.loads((out / "experiment.json").read_text("utf8"))
    steps = {row["measure"]: row for row in told["steps"]}
    return {
        "experiment_1m_s": first.seconds + second.seconds,
        "experiment_1m_cpu_s": first.cpu_seconds + second.cpu_seconds,
        "experiment_1m_parts": {"assess": asdict(first), "experiment": asdict(second)},
        "experiment_loans_n": told["loans_n"],
        "experiment_change_n": told["change_n"],
        "experiment_public_cny": [steps["public_cny"][key] for key in ("low", "value", "high")],
    }


def measure_pages():
    """Seconds of the simulated fund, of returns after tax, and of the early warning on a demo."""
    with folder() as path:
        store, assessed = path / "store", path / "assessed"
        run("sample", "--store", store, "--config", "demo", "--firms", DEMO_FIRMS_N)
        run("assess", "--store", store, "--as-of", AS_OF, "--out", assessed)
        asked = {
            "backstop": ("backstop", "simulate"),
            "capital": ("capital", "return"),
            "warn": ("statistics", "warn", assessed),
        }
        done = {name: run(*words, "--out", path / name) for name, words in asked.items()}
    walls = {f"{name}_s": one.seconds for name, one in done.items()}
    return walls | {f"{name}_cpu_s": one.cpu_seconds for name, one in done.items()}


def measure():
    """Every figure, by name."""
    say("disclosure")
    found = measure_published() | {"disclosure_auc_korea": measure_auc(read_korea())}
    with folder() as path:
        planted = list(regions(path))
        rings = measure_rings(planted)
        found |= {name: rings[name] for name in RINGS} | measure_stream(planted[0][0])
    say("efficiency")
    efficiencies = measure_efficiencies()
    found |= {name: efficiencies[name] for name in EFFICIENCY} | measure_pages()
    return found | measure_experiment()


if __name__ == "__main__":
    print(json.dumps(measure(), default=float))
