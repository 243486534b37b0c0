"""How fast a file of firms is scored through the API, from the first byte sent to the last read.

The file is made up: ratios of 100,000 firms with the columns that the card asks for, one cell in
twenty empty. A small file goes first, so that the worker has its libraries; what that costs is
told apart.
"""

import gzip
import http.client
import io
import json
import time
import uuid

import numpy as np
import polars as pl

ROWS_N, SEED, CARD = 100_000, 20261127, "korea-distress"
POLL_SECONDS = 0.05
RATIOS = {
    "leverage_ratio": (0.55, 0.25),
    "retained_earnings_ratio": (0.15, 0.3),
    "return_on_assets_ratio": (0.02, 0.09),
    "operating_return_ratio": (0.03, 0.08),
    "current_liabilities_share": (0.7, 0.2),
    "asset_turnover_ratio": (0.9, 0.5),
}


def firms_csv(rows_n):
    """Rows as a bank would send them."""
    rng = np.random.default_rng(SEED)
    columns = {"firm_id": [f"bench:{n}" for n in range(rows_n)], "country": ["KR"] * rows_n}
    columns |= {"statement_basis": ["separate"] * rows_n, "statement_currency": ["KRW"] * rows_n}
    numbers = {name: rng.normal(mean, wide, rows_n) for name, (mean, wide) in RATIOS.items()}
    numbers["assets_lcy"] = np.round(np.exp(rng.normal(25.0, 1.5, rows_n)))
    known = {
        name: pl.Series(np.where(rng.random(rows_n) < 0.95, values, np.nan)).fill_nan(None)
        for name, values in numbers.items()
    }
    frame = pl.DataFrame(columns | known)
    return frame.with_columns(pl.selectors.float().round(6)).write_csv().encode()


def measure_bulk(port, key):
    """Rows a second, and where the time goes."""
    content = firms_csv(ROWS_N)
    cold = score_file(port, key, firms_csv(100))
    warm = score_file(port, key, content)
    rows = pl.read_csv(io.BytesIO(warm["result"])).height
    if rows != ROWS_N or warm["job"]["summary"]["rows_n"] != ROWS_N:
        raise SystemExit(f"{ROWS_N} rows sent, {rows} came back")
    return {
        "bulk_rows_n": ROWS_N,
        "bulk_file_mb": round(len(content) / 1e6, 1),
        "bulk_score_rows_per_s": round(ROWS_N / warm["all_s"]),
        "bulk_send_s": round(warm["sent_s"], 2),
        "bulk_work_s": round(warm["done_s"] - warm["sent_s"], 2),
        "bulk_fetch_s": round(warm["all_s"] - warm["done_s"], 2),
        "bulk_result_mb": round(len(warm["result"]) / 1e6, 1),
        "bulk_first_job_s": round(cold["all_s"], 2),
    }


def score_file(port, key, content):
    """Send a file, wait for its job, fetch the result: seconds since the start, and what came."""
    begun = time.perf_counter()
    job = json.loads(ask(port, key, "POST", "jobs/score", *form(content)))
    sent = time.perf_counter() - begun
    while job["state"] not in ("done", "failed"):
        time.sleep(POLL_SECONDS)
        job = json.loads(ask(port, key, "GET", f"jobs/{job['job']}"))
    done = time.perf_counter() - begun
    if job["state"] == "failed":
        raise SystemExit(f"the job failed: {job['problem']}")
    packed = ask(port, key, "GET", f"jobs/{job['job']}/result.csv", packed=True)
    result = gzip.decompress(packed)
    whole = time.perf_counter() - begun
    return {"job": job, "result": result, "sent_s": sent, "done_s": done, "all_s": whole}


def form(content):
    """A form with a file, and its type."""
    mark = uuid.uuid4().hex
    head = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("card", CARD), ("form", "csv"))
    )
    head += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="firms.csv"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def ask(port, key, method, address, body=None, kind="application/json", *, packed=False):
    """Body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        told = {"Authorization": f"Bearer {key}", "Content-Type": kind}
        told["Idempotency-Key"] = uuid.uuid4().hex
        told |= {"Accept-Encoding": "gzip"} if packed else {}
        connection.request(method, f"/api/v1/{address}", body, told)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {address}: {answer.status} {content[:500]}")
        return content
    finally:
        connection.close()
