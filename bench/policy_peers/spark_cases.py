"""PySpark, local mode, on frames written by our bench: `spark_cases.py FOLDER`, one JSON line.

Judges each frame twice, through narwhals and as SQL text, by the same laws, and compares every
output with what Polars gave, cell by cell.
"""

import json
import os
import sys
from pathlib import Path

import narwhals.stable.v2 as nw
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from bench.policy_firms import ten_thresholds
from techflow.policy import evaluate, evaluate_by_date, to_sql, to_sql_by_date
from techflow_service.policies import load_laws

HOW = {"on": "on", "detail": "points"}


def session():
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").appName("bench")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "3g",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def differing(rows, expected):
    """Cells that differ from Polars' answers."""
    if len(rows) != len(expected):
        return max(len(rows), len(expected))
    return sum(
        row[k] != v for row, want in zip(rows, expected, strict=True) for k, v in want.items()
    )


def compare(spark, folder, laws):
    firms = spark.read.parquet(str(folder / "firms.parquet"))
    firms.createOrReplaceTempView("firms")
    expected = json.loads((folder / "expected.json").read_text())
    if laws:
        judged = evaluate_by_date(nw.from_native(firms), laws, **HOW)
        text = to_sql_by_date(laws, dialect="spark", **HOW)
    else:
        judged = evaluate(nw.from_native(firms), [ten_thresholds()])
        text = to_sql([ten_thresholds()], dialect="spark")
    makers = {"narwhals": lambda: nw.to_native(judged), "sql": lambda: spark.sql(text)}
    differs = {name: attempt(make, expected) for name, make in makers.items()}
    return differs | {"rows_n": len(expected)}


def attempt(make, expected):
    """Cells that differ, or what Spark said if it refused."""
    try:
        rows = [row.asDict() for row in make().orderBy("firm_id").collect()]
    except PySparkException as error:
        return str(error)[:300]
    return differing(rows, expected)


def main(root):
    spark, laws = session(), load_laws()
    spark.sparkContext.setLogLevel("OFF")
    results = {}
    for folder in sorted(Path(root).iterdir()):
        names = json.loads((folder / "laws.json").read_text())
        results[folder.name] = compare(spark, folder, [laws[name] for name in names])
    print(json.dumps({"spark": spark.version, "frames": results}))
    spark.stop()


main(sys.argv[1])
