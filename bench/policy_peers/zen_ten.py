"""zen-engine on the ten thresholds: `zen_ten.py FOLDER CASES FIRMS_N REPEATS`, one JSON line.

One expression node with ten rows and their conjunction; firms as dicts, in one batch. Dicts are
in memory before the clock starts.
"""

import json
import sys
import time

import polars as pl
import zen

TEN = {
    "small_staff": "employees_n <= 500",
    "small_revenue": "revenue_y0_cny <= 200000000",
    "small_assets": "total_assets_y0_cny <= 200000000",
    "tech_staff": "tech_staff_n >= 0.1 * employees_n",
    "rnd_staff": "rnd_staff_n >= 0.1 * employees_n",
    "rnd_cost": "rnd_y0_cny >= 0.06 * cost_expense_y0_cny",
    "rnd_share": "rnd_y0_cny + rnd_y1_cny + rnd_y2_cny"
    " >= 0.05 * (revenue_y0_cny + revenue_y1_cny + revenue_y2_cny)",
    "rnd_amount": "rnd_y0_cny + rnd_y1_cny + rnd_y2_cny >= 80000000",
    "growth": "(revenue_y0_cny / revenue_y2_cny) ^ 0.5 - 1 >= 0.25",
    "patents": "inventions_n >= 7",
}
ALL = {**TEN, "eligible": " and ".join(f"$.{name}" for name in TEN)}
RULE = {
    "nodes": [
        {"id": "in", "name": "in", "type": "inputNode"},
        {
            "id": "ten",
            "name": "ten",
            "type": "expressionNode",
            "content": {"expressions": [{"id": k, "key": k, "value": v} for k, v in ALL.items()]},
        },
        {"id": "out", "name": "out", "type": "outputNode"},
    ],
    "edges": [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "ten"},
        {"id": "b", "type": "edge", "sourceId": "ten", "targetId": "out"},
    ],
}
KEY = "ten"


def judge(engine, firms):
    found = engine.evaluate_batch([{"key": KEY, "context": firm} for firm in firms])
    return [row["data"]["result"] for row in found]


def main(folder, cases, firms_n, repeats):
    content = zen.ZenDecisionContent(json.dumps(RULE))
    engine = zen.ZenEngine({"loader": lambda key: content})
    firms = pl.scan_parquet(f"{folder}/*.parquet").head(firms_n).collect().to_dicts()
    judge(engine, firms[:1000])
    runs = []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        found = judge(engine, firms)
        runs.append([time.perf_counter() - start, time.process_time() - cpu])
    counts = {name: sum(row[name] for row in found) for name in ALL}
    edges = pl.read_parquet(cases)
    block, wrong, tried = edges.height // len(TEN), 0, 0
    for number, name in enumerate(TEN):
        part = edges.slice(number * block, firms_n // len(TEN))
        rows = judge(engine, part.drop("exact").to_dicts())
        pairs = zip(rows, part["exact"], strict=True)
        wrong, tried = wrong + sum(row[name] != exact for row, exact in pairs), tried + len(rows)
    print(
        json.dumps(
            {"firms_n": len(firms), "runs": runs, "counts": counts, "wrong": wrong, "tried": tried}
        )
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
