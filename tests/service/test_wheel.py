"""The built wheel, installed without development groups, runs the quick start of the README."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
CORE_MB_MAX = 300


def run(*argv, cwd=None):
    done = subprocess.run([str(a) for a in argv], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh environment that holds the wheel, its own requirements, and nothing else."""
    home = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "--quiet", "--out-dir", home / "dist", cwd=ROOT)
    run(UV, "venv", "--quiet", "--python", sys.executable, home / "env")
    pins = home / "pins.txt"
    lock = (ROOT / "requirements.lock").read_text("utf8").splitlines()
    pins.write_text("\n".join(line.split(" \\")[0] for line in lock if "==" in line), "utf8")
    wheel = next((home / "dist").glob("*.whl"))
    python = home / "env/bin/python"
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", pins, wheel)
    return home / "env"


def test_quick_start(installed, tmp_path):
    techflow = installed / "bin/techflow"
    run(techflow, "sample", "--store", "s", "--firms", 200, "--seed", 7, cwd=tmp_path)
    run(techflow, "assess", "--store", "s", "--as-of", "2026-06-30", "--out", "o", cwd=tmp_path)
    page = (tmp_path / "o/report.html").read_text("utf8")
    assert page.count("<script") >= 1
    assert "echarts" in page


def test_core_is_light(installed):
    size = sum(
        path.stat().st_size
        for path in (installed / "lib").rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    assert size / 1e6 < CORE_MB_MAX


@pytest.mark.parametrize(
    ("engine", "extra"), [("duckdb", "techflow[duckdb]"), ("spark", "techflow[spark]")]
)
def test_an_engine_that_is_not_installed_says_what_to_install(engine, extra, installed, tmp_path):
    firms, out = tmp_path / "firms.csv", tmp_path / "out.parquet"
    firms.write_text("firm_id,employees_n\n001,501\n", "utf8")
    how = ["--on", "2024-06-30", "--engine", engine, "--out", out]
    argv = [installed / "bin/techflow", "policy", "evaluate", "cn.tech_sme", firms, *how]
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and extra in done.stderr
    assert done.stderr.count("\n") == 1 and not out.exists()
