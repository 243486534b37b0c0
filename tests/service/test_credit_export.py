"""Every shipped card as SQL, Python and JSON: the answers of `credit score`, whoever computes them.

The oracle is the scoring code of the library (arrays and frames), run on the same rows.
"""

import json
import math
import os
import shutil
import subprocess

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
import sqlglot
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow.credit import Card, GrowthCard, LossCard, loss_interval, read_inputs, refuse_strangers
from techflow.credit.card_data import card_data
from techflow.credit.card_python import card_python
from techflow.credit.card_sql import card_sql
from techflow.credit.score import rate_odds, score_firms
from techflow_service.cards import load_card, load_every_card
from techflow_service.cli import techflow
from techflow_service.rawsets import find_set, read_layout
from techflow_service.scoring import _profiles_of_accounts, read_rows

CARDS = [card.id for card in load_every_card()]
SETS = {
    "us-listed": "american_bankruptcy/firm_year_1999_2018.csv.gz",
    "polish-ratios": "polish_bankruptcy/5year.arff",
    "us-innovation-panel": "firm_panels/inst_innovation_1991_1999.csv",
    "korea-accounts": "korea_dart/firm_year_2015_2019.csv.gz",
    "sba-loans": "sba_loans/sba_national_22427.csv.gz",
}
ACCOUNTS = "korea_dart/firm_year_2015_2019.csv.gz"
ODD = [None, math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300, 5e-324]
REAL_N, RANDOM_N = 600, 600


def texts_of(card):
    """Columns that hold text."""
    named = {c.column for c in card.conditions if c.low is None}
    return named | {f.name for f in card.features if getattr(f, "codes", None)}


def random_rows(card, seed=5):
    """Numbers at, near and far from every place where the card bends; one in four odd."""
    rng, columns = np.random.default_rng(seed), {}
    for name in card.columns:
        condition = next((c for c in card.conditions if c.column == name), None)
        if name in texts_of(card):
            codes = next((list(f.codes) for f in card.features if f.name == name), [])
            good = list(condition.allowed) if condition else codes
            drawn = rng.choice([*good * (1 if codes else 20), "it's", "", None], RANDOM_N)
            columns[name] = pl.Series(drawn.tolist(), dtype=pl.String)
            continue
        at = places(card, name) + ([condition.low] if condition else [])
        numbers = rng.choice(at, RANDOM_N) + rng.choice([0.0, 1e-9, -1e-9, 1.0, -1.0], RANDOM_N)
        odd = rng.random(RANDOM_N) < (0.25 if not condition else 0.1)
        mixed = [
            ODD[rng.integers(len(ODD))] if o else x
            for o, x in zip(odd, numbers.tolist(), strict=True)
        ]
        columns[name] = pl.Series(mixed, dtype=pl.Float64)
    return pl.DataFrame(columns)


def forests_of(card):
    """Every forest of a card."""
    if isinstance(card, LossCard):
        return [card.total, card.partial]
    return [card.low, card.median, card.high] if isinstance(card, GrowthCard) else [card.forest]


def places(card, name):
    """Numbers where the effect of an input changes."""
    inputs = [f.name for f in card.features]
    if name not in inputs:
        return [0.0, 100.0]
    place = inputs.index(name)
    if isinstance(card, Card):
        return [x for x, _ in card.features[place].points]
    found = [x for f in forests_of(card) for x in f.threshold[f.feature == place].tolist()]
    return found or [0.0]


def real_rows(card, shared):
    """Features of real firms; none for a card that reads a store."""
    if card.id == "cn-sme-default":
        return None
    if isinstance(card, Card):
        found = _profiles_of_accounts(read_rows(shared / ACCOUNTS).head(REAL_N)).collect()
    else:
        layout = find_set(card.sample)
        raw = read_layout(read_rows(shared / SETS[card.sample]).head(REAL_N), layout)
        found = layout.features(nw.from_native(raw.lazy())).to_native().collect()
    texts = texts_of(card)
    return found.select(
        pl.col(n).cast(pl.String if n in texts else pl.Float64) for n in card.columns
    )


def numbers_of(card):
    """What a card says of a row."""
    if isinstance(card, GrowthCard):
        return ("growth_median", "growth_low", "growth_high")
    return ("lgd", "lgd_low", "lgd_high") if isinstance(card, LossCard) else ("pd",)


def expected(rows, card):
    """The library's own answers."""
    frame = nw.from_native(rows.lazy())
    if isinstance(card, Card):
        return score_firms(frame, card).to_native().collect()
    asked = read_inputs(frame, card.features).to_native().collect()
    x = asked.fill_null(math.nan).to_numpy()
    judged = refuse_strangers(frame, card, card.features).to_native().collect()
    inside = pl.col("reason_code").is_null()
    if isinstance(card, LossCard | GrowthCard):
        spans = loss_interval(x, card) if isinstance(card, LossCard) else card.interval(x)
        ends = zip(numbers_of(card), spans, strict=True)
        return judged.with_columns(pl.when(inside).then(pl.Series(v)).alias(n) for n, v in ends)
    summed = judged.with_columns(log_odds=pl.when(inside).then(pl.Series(card.forest.sums(x))))
    return rate_odds(nw.from_native(summed.lazy()), card).to_native().collect()


@pytest.fixture(scope="module", params=CARDS)
def case(request, shared):
    """A card, rows numbered by `n`, and what the library says of them."""
    card = load_card(request.param)
    real, drawn = real_rows(card, shared), random_rows(card)
    rows = drawn if real is None else pl.concat([real, drawn])
    rows = rows.with_columns(n=pl.int_range(pl.len(), dtype=pl.Int64))
    answers = expected(rows, card)
    assert 0.2 < answers["reason_code"].is_null().mean() < 1.0
    return card, rows, answers


def check(card, found, answers):
    """Same reasons, sums to the last bit, PD within 1e-12; null exactly where there is a reason."""
    found = found.sort("n")
    for name in ("reason_code", "reason", "reason_zh"):
        assert found[name].to_list() == answers[name].to_list()
    for name in numbers_of(card):
        assert (found[name].is_null() == found["reason_code"].is_not_null()).all()
        assert (found[name] - answers[name]).abs().max() < 1e-12
    if numbers_of(card) == ("pd",):
        assert found["log_odds"].to_list() == answers["log_odds"].to_list()
        assert found["score"].to_list() == answers["score"].to_list()


def test_duckdb(case):
    card, rows, answers = case
    connection = duckdb.connect()
    connection.register("firms", rows.to_arrow())
    query = card_sql(card, table="firms", dialect="duckdb", keep=("n",))
    check(card, connection.sql(query).pl(), answers)


def test_postgresql(case, tmp_path):
    """Run by a real server, reached as `psql` reaches it (PGHOST, PGUSER, PGDATABASE)."""
    card, rows, answers = case
    kinds = {pl.String: "TEXT", pl.Float64: "FLOAT8", pl.Int64: "INT"}
    columns = ", ".join(f'"{name}" {kinds[kind]}' for name, kind in rows.schema.items())
    query = card_sql(card, table="firms", dialect="postgres", keep=("n",))
    script = (
        f"SET extra_float_digits = 3;\nCREATE TEMP TABLE firms ({columns});\n"
        f"COPY firms FROM STDIN (FORMAT csv);\n{rows.write_csv(include_header=False)}\\.\n"
        f"COPY ({query.partition(chr(10))[2]}) TO STDOUT (FORMAT csv, HEADER);\n"
    )
    told = tmp_path / "told.csv"
    told.write_text(psql(script), "utf8")
    check(card, pl.read_csv(told, schema_overrides=kinds_of(card)), answers)


def kinds_of(card):
    numbers = {"log_odds", "score", *numbers_of(card)}
    return dict.fromkeys(numbers, pl.Float64) | dict.fromkeys(
        ("reason_code", "reason", "reason_zh"), pl.String
    )


def psql(script):
    """What `psql` prints; skipped loudly where no server answers."""
    argv = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"]
    env = {"PGHOST": "127.0.0.1", "PGUSER": "postgres", "PGDATABASE": "test"} | dict(os.environ)
    if shutil.which("psql") is None:
        pytest.skip("no PostgreSQL: psql is not installed")
    done = subprocess.run(argv, input=script, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        pytest.skip(f"no PostgreSQL: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[:2000]
    return done.stdout


def test_spark(case):
    """Run by Spark itself where it is installed."""
    sql = pytest.importorskip("pyspark.sql", reason="no Spark: pyspark is not installed")
    card, rows, answers = case
    session = sql.SparkSession.builder.master("local[1]").getOrCreate()
    frame = session.createDataFrame(rows.rows(), schema_of(rows))
    frame.createOrReplaceTempView("firms")
    query = card_sql(card, table="firms", dialect="spark", keep=("n",))
    found = [row.asDict() for row in session.sql(query).collect()]
    check(card, pl.DataFrame(found, infer_schema_length=None), answers)


def schema_of(rows):
    kinds = {pl.String: "string", pl.Float64: "double", pl.Int64: "bigint"}
    return ", ".join(f"`{name}` {kinds[kind]}" for name, kind in rows.schema.items())


def test_spark_text_means_the_same_as_sqlglot_reads_it(case):
    card, rows, answers = case
    if len(card.features) > 20:
        pytest.skip("the translator is slow on large forests; the small ones stand for them")
    query = card_sql(card, table="firms", dialect="spark", keep=("n",))
    connection = duckdb.connect()
    connection.register("firms", rows.to_arrow())
    check(card, connection.sql(sqlglot.transpile(query, "spark", "duckdb")[0]).pl(), answers)


def test_python(case):
    card, rows, answers = case
    scope = {}
    exec(card_python(card), scope)
    found = [scope["score"](row) | {"n": row["n"]} for row in rows.rows(named=True)]
    check(card, pl.DataFrame(found, infer_schema_length=None), answers)


def test_json_holds_all_that_scoring_needs(case):
    card, rows, answers = case
    scope = {}
    exec(card_python(card), scope)
    scope["CARD"] = json.loads(json.dumps(card_data(card), allow_nan=False))
    found = [scope["score"](row) | {"n": row["n"]} for row in rows.rows(named=True)]
    check(card, pl.DataFrame(found, infer_schema_length=None), answers)


def test_other_dialects_are_refused():
    with pytest.raises(InvalidInput, match="duckdb, postgres, spark; got oracle"):
        card_sql(load_card("korea-distress"), table="firms", dialect="oracle")


@pytest.mark.parametrize("form", ["sql", "python", "json"])
def test_command_writes_a_file(form, tmp_path):
    out = tmp_path / "there" / "card"
    argv = ["credit", "export", "korea-distress", "--as", form, "--out", str(out)]
    done = CliRunner().invoke(techflow, argv)
    assert done.exit_code == 0 and "leverage_ratio" in done.output
    card, written = load_card("korea-distress"), out.read_text("utf8")
    assert card.hash in written
    if form == "json":
        assert json.loads(written) == card_data(card)


def test_names_and_words_are_quoted():
    card = load_card("korea-distress")
    query = card_sql(card, table="a b", dialect="duckdb", keep=('it"s',))
    connection = duckdb.connect()
    columns = ", ".join(f"NULL AS {name}" for name in card.columns)
    connection.execute(f"""CREATE TABLE "a b" AS SELECT 7 AS "it""s", {columns}""")
    assert connection.sql(query).fetchall()[0][:2] == (7, "country")
