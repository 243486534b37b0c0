"""`make bench-policy`: our engine beside OpenFisca and zen-engine. Last line: one JSON object.

The same generated firms and the same ten thresholds for each engine, each in its own process, in
one run. Peers live in environments made under `run/bench-env`, never in the project's.
`TECHFLOW_BENCH_FIRMS` (default 10,000,000) is the size of the large run.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from bench.policy_firms import edge_cases, ten_thresholds, write_firms
from techflow.policy import evaluate, evaluate_by_date
from techflow_service.policies import ROOT, load_cases, load_laws

LARGE_N = int(os.environ.get("TECHFLOW_BENCH_FIRMS", "10000000"))
SMALL_N, CASES_N, ZEN_N, SPARK_N = min(1_000_000, LARGE_N), 1_000_000, 30_000, 10_000
SEED, REPEATS = 11, 3
ENVIRONMENTS = Path("run/bench-env")
PEERS = Path(__file__).with_name("policy_peers")
UV = Path(sys.executable).with_name("uv")
JAVA = "17"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def environment(name: str, *packages: str) -> Path:
    """The Python of an environment of its own, made on first use."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        say(f"environment {name}: {' '.join(packages)}")
        subprocess.run(
            [UV, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True
        )
        subprocess.run([UV, "pip", "install", "-q", "--python", python, *packages], check=True)
        (folder / "ready").touch()
    return python


def run(*argv: object, env: dict[str, str] | None = None) -> dict:
    """Run a Python process; the JSON object it prints last. A failure ends the benchmark."""
    say("  " + " ".join(Path(str(word)).name for word in argv[1:]))
    words = [str(word) for word in argv]
    done = subprocess.run(words, stdout=subprocess.PIPE, env=env, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def job(name: str, *argv: object) -> dict:
    return run(sys.executable, "-m", "bench.policy_jobs", name, *argv)


def spread(values: list[float]) -> list[float]:
    """Least, median, most."""
    return [min(values), statistics.median(values), max(values)]


def rates(found: dict, clock: int = 0) -> list[float]:
    """Firms per second of wall (0) or CPU (1): least, median, most."""
    return spread([found["firms_n"] / pair[clock] for pair in found["runs"]])


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Median over median, between the least and the most the spreads allow."""
    return [above[0] / below[2], above[1] / below[1], above[2] / below[0]]


def ten_by_size(folder: Path) -> dict:
    """Our rates from Parquet at both sizes, and their ratio to a pass that only reads."""
    figures: dict = {}
    for name, size in {"1e6": SMALL_N, "1e7": LARGE_N}.items():
        found = job("ten", folder / f"firms-{size}", REPEATS)
        slow = [a[0] / b[0] for a, b in zip(found["runs"], found["scans"], strict=True)]
        cpu = [a[1] / b[1] for a, b in zip(found["runs"], found["scans"], strict=True)]
        figures[f"firms_per_s_{name}"] = rates(found)
        figures["ratio_to_scan" if size == LARGE_N else f"ratio_to_scan_{name}"] = spread(slow)
        figures[f"cpu_ratio_to_scan_{name}"] = spread(cpu)
    return figures


def beside_openfisca(folder: Path, cases: Path) -> dict:
    """Both on columns in memory, per CPU-second; answers that differ are counted, not hidden."""
    peers = environment("peers", "openfisca-core", "zen-engine", "polars")
    firms = folder / f"firms-{LARGE_N}"
    theirs = run(peers, PEERS / "openfisca_ten.py", firms, cases, 3)
    ours = job("ten_memory", firms, REPEATS)
    differ = {n: ours["counts"][n] - theirs["counts"][n] for n in ours["counts"]}
    return {
        "cpu_ratio_vs_openfisca": ratios(rates(ours, 1), rates(theirs, 1)),
        "wall_ratio_vs_openfisca": ratios(rates(ours), rates(theirs)),
        "boundary_wrong_openfisca": theirs["wrong"],
        "counts_minus_openfisca": {name: n for name, n in differ.items() if n},
    }


def beside_zen(folder: Path, cases: Path, ours: list[float]) -> dict:
    """zen-engine on a batch of the same firms; our rate is that of 1e6 firms from Parquet."""
    peers = environment("peers", "openfisca-core", "zen-engine", "polars")
    script = PEERS / "zen_ten.py"
    theirs = run(peers, script, folder / f"firms-{SMALL_N}", cases, ZEN_N, REPEATS)
    return {
        "ratio_vs_zen": ratios(ours, rates(theirs)),
        "zen_firms_per_s": rates(theirs),
        "boundary_wrong_zen": [theirs["wrong"], theirs["tried"]],
    }


def java_home() -> str | None:
    """Where Java 17 lives, or None."""
    places = [os.environ.get("JAVA_HOME", ""), *map(str, Path("/usr/lib/jvm").glob("*"))]
    for place in [p for p in places if p] + ([""] if shutil.which("java") else []):
        java = str(Path(place) / "bin" / "java") if place else "java"
        if place and not Path(java).is_file():
            continue
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
        if f'version "{JAVA}' in told.stderr:
            return place or str(Path(shutil.which("java") or "").resolve().parents[1])
    return None


def needed(law, laws: dict) -> list:
    """A law and every law whose answer it uses, on any day."""
    ids, todo = [], [law.id]
    while todo:
        name = todo.pop()
        if name not in ids:
            ids.append(name)
            todo += [used for *_, rule in laws[name].timeline() for used in rule.needs]
    return [laws[name] for name in ids]


def write_spark_frames(root: Path, cases: Path) -> None:
    """The cases of every folder, and firms at the ten thresholds, with Polars' answers."""
    laws = load_laws()
    for law in laws.values():
        used = needed(law, laws)
        rows = [c for c in load_cases(ROOT.joinpath(*law.id.split("."))) if "raises" not in c]
        firms = case_frame(used, rows)
        judged = evaluate_by_date(nw.from_native(firms.lazy()), used, on="on", detail="points")
        write_expected(root / law.id, firms, judged, [each.id for each in used])
    edges = pl.read_parquet(cases).sample(SPARK_N, seed=SEED).drop("exact")
    firms = edges.with_columns(firm_id=pl.int_range(SPARK_N))
    judged = evaluate(nw.from_native(firms.lazy()), [ten_thresholds()])
    write_expected(root / "ten", firms, judged, [])


def case_frame(laws: list, cases: list[dict]) -> pl.DataFrame:
    """Cases as a frame with every fact the laws ever read."""
    kinds = {f.name: f.kind for law in laws for *_, rule in law.timeline() for f in rule.facts}
    types = {"flag": pl.Boolean, "code": pl.String, "count": pl.Int64}
    schema = {name: types.get(kind, pl.Float64) for name, kind in kinds.items()}
    rows = [{**dict.fromkeys(schema), **case["input"], "on": case["on"]} for case in cases]
    frame = pl.DataFrame(rows, schema={**schema, "on": pl.Date})
    return frame.with_columns(firm_id=pl.int_range(frame.height))


def write_expected(folder: Path, firms: pl.DataFrame, judged: nw.LazyFrame, ids: list) -> None:
    folder.mkdir(parents=True)
    firms.write_parquet(folder / "firms.parquet")
    found = judged.to_native().sort("firm_id").collect()
    answers = found.select("firm_id", *(name for name in found.columns if "__" in name))
    (folder / "expected.json").write_text(json.dumps(answers.to_dicts()))
    (folder / "laws.json").write_text(json.dumps(ids))


def on_spark(folder: Path, cases: Path) -> dict:
    """Whether PySpark gives Polars' answers in every cell, through narwhals and as SQL."""
    home = java_home()
    if home is None:
        say(f"SPARK NOT RUN: no Java {JAVA} found; install it or set JAVA_HOME")
        return {"spark_equal": None, "spark_reason": f"no Java {JAVA}"}
    python = environment("spark", "-e", ".[spark]")
    write_spark_frames(folder / "spark", cases)
    env = {**os.environ, "JAVA_HOME": home, "PYTHONPATH": f"{os.getcwd()}/src:{os.getcwd()}"}
    found = run(python, PEERS / "spark_cases.py", folder / "spark", env=env)
    frames = found["frames"]
    bad = {name: got for name, got in frames.items() if got["narwhals"] or got["sql"]}
    return {
        "spark_equal": not bad,
        "spark_version": found["spark"],
        "spark_rows": sum(got["rows_n"] for got in frames.values()),
        "spark_differs": bad,
    }


def one_firm() -> dict:
    """All policies in force for one firm, warm; the slowest of three firms is the figure."""
    found = job("one_firm", 30)
    worst = max(found["ms"], key=found["ms"].get)
    return {
        "one_firm_ms": spread([wall * 1e3 for wall, _ in found["runs"][worst]]),
        "one_firm_cpu_ms": spread([cpu * 1e3 for _, cpu in found["runs"][worst]]),
        "one_firm_by_kind_ms": found["ms"],
        "one_firm_policies_n": found["policies_n"],
    }


def all_policies(folder: Path) -> dict:
    """Every policy in force over the large run: a million firms with every fact, read often."""
    path = folder / "wide.parquet"
    made = job("write_wide", path, SMALL_N)
    found = job("everything", path, LARGE_N // SMALL_N, folder / "judged.parquet")
    return {
        "all_policies_10m_gb": found["peak_gb"],
        "all_policies_firms_n": found["firms_n"],
        "all_policies_n": found["policies_n"],
        "all_policies_facts_n": made["facts_n"],
        "all_policies_s": found["run"][0],
        "all_policies_cpu_s": found["run"][1],
    }


def measure(folder: Path) -> dict:
    """Every figure of the issue, by name; times and ratios as [least, median, most]."""
    say("cases at the thresholds, oracle fractions.Fraction")
    cases, exact = edge_cases(CASES_N, seed=SEED)
    path = folder / "cases.parquet"
    cases.with_columns(exact=pl.Series(exact)).write_parquet(path)
    checked = job("edges", path)
    figures = {"boundary_wrong": checked["wrong"], "boundary_cases": checked["cases_n"]}
    say("firms")
    for size in {SMALL_N, LARGE_N}:
        write_firms(folder / f"firms-{size}", firms_n=size, seed=SEED)
    steps = (
        lambda: ten_by_size(folder),
        lambda: beside_openfisca(folder, path),
        lambda: beside_zen(folder, path, figures["firms_per_s_1e6"]),
        one_firm,
        lambda: all_policies(folder),
        lambda: on_spark(folder, path),
    )
    for step in steps:
        figures |= step()
        say(json.dumps(rounded(figures)))
    return figures | {"large_n": LARGE_N}


def rounded(value: object) -> object:
    match value:
        case float():
            return float(f"{value:.4g}")
        case list():
            return [rounded(part) for part in value]
        case dict():
            return {name: rounded(part) for name, part in value.items()}
    return value


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(rounded(measure(Path(made)))))
