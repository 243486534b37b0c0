"""A scorecard as SQL, Python and frames: points identical to the kernel, PD within 1e-12."""

import math
import os
import shutil
import subprocess

import duckdb
import numpy as np
import polars as pl
import pytest
from tests.credit.test_scorecard import NAMES, columns, fitted

from techflow.basics import InvalidInput, MissingColumn
from techflow.credit.export import DOUBLES, score_bins, scorecard_python, scorecard_sql

ODD = [None, math.nan, math.inf, -math.inf, -9.0, 0.0, 1.0]


@pytest.fixture(scope="module")
def case():
    """A card, rows with every odd number at every place, points and PD of the kernel."""
    card, x, _ = fitted(iv_min=0.0)
    odd = [dict(zip(NAMES, (a, b, 0.5), strict=True)) for a in ODD for b in ODD]
    edges = [{"a": e, "b": e, "c": None} for f in card.features for e in f.edges]
    plain = [dict(zip(NAMES, row, strict=True)) for row in x[:300].tolist()]
    rows = [{"n": n} | row for n, row in enumerate(odd + edges + plain)]
    dense = np.array([[np.nan if r[k] is None else r[k] for k in NAMES] for r in rows])
    wide = columns(card, dense)
    return card, rows, card.score(wide), card.pd(wide)


def check(found, points, pd):
    ordered = sorted(found)
    assert [row[1] for row in ordered] == points.tolist()
    assert np.abs(np.array([row[2] for row in ordered]) - pd).max() < 1e-12


def test_frames(case, make, rows):
    card, table, points, pd = case
    frame = pl.DataFrame(table, schema_overrides=dict.fromkeys(NAMES, pl.Float64))
    scored = rows(score_bins(make(frame), card))
    check([(r["n"], r["points"], r["pd"]) for r in scored], points, pd)


def test_python(case):
    card, table, points, pd = case
    scope = {}
    exec(scorecard_python(card), scope)
    check([(n, *scope["score"](row)) for n, row in enumerate(table)], points, pd)


def test_duckdb(case):
    card, table, points, pd = case
    connection = duckdb.connect()
    frame = pl.DataFrame(table, schema_overrides=dict.fromkeys(NAMES, pl.Float64))
    connection.register("firms", frame.to_arrow())
    query = scorecard_sql(card, "firms", dialect="duckdb")
    check(connection.sql(f"SELECT n, points, pd FROM ({query})").fetchall(), points, pd)


def test_postgresql(case):
    """Run by a real server, reached as `psql` reaches it (PGHOST, PGUSER, PGDATABASE)."""
    card, table, points, pd = case
    values = ",".join(
        f"({row['n']},{','.join(_literal(row[name]) for name in NAMES)})" for row in table
    )
    query = scorecard_sql(card, "firms", dialect="postgres")
    script = (
        "SET extra_float_digits = 3; CREATE TEMP TABLE firms (n INT, a FLOAT8, b FLOAT8, c FLOAT8);"
        f"INSERT INTO firms VALUES {values}; SELECT n, points, pd FROM ({query}) AS done"
    )
    told = _psql(script)
    found = [line.split("|") for line in told.splitlines() if line.count("|") == 2]
    check([(int(n), float(p), float(q)) for n, p, q in found], points, pd)


def _literal(value):
    return "NULL" if value is None else f"'{value!r}'::float8"


def _psql(script):
    """What `psql` prints; skipped loudly where no server answers."""
    argv = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"]
    env = {"PGHOST": "127.0.0.1", "PGUSER": "postgres", "PGDATABASE": "test"} | dict(os.environ)
    if shutil.which("psql") is None:
        pytest.skip("no PostgreSQL: psql is not installed")
    done = subprocess.run(argv, input=script, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        pytest.skip(f"no PostgreSQL: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_spark_text_parses():
    import sqlglot

    card, _, _ = fitted()
    for dialect in DOUBLES:
        assert sqlglot.parse_one(scorecard_sql(card, "firms", dialect=dialect), read=dialect)


def test_other_dialects_are_refused(case):
    with pytest.raises(InvalidInput, match=", ".join(DOUBLES)):
        scorecard_sql(case[0], "firms", dialect="oracle")


def test_missing_features_are_named(case, make):
    with pytest.raises(MissingColumn, match="score_bins"):
        score_bins(make([{"z": 1.0}]), case[0])
