"""Writes an output folder as `techflow assess` leaves it, with firms in every state."""

import json
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from techflow_service.assessing import load_content

AS_OF = date(2026, 6, 30)
LONG = "没有空格的很长的词" * 12
INJECTION = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
GRADES = tuple(f"TF{k}" for k in range(1, 11))
BOUNDS = tuple(0.001 * 2**k for k in range(9))
SECTORS = ("新一代信息技术", "高端装备", "新材料", "新能源", "节能环保", "生物医药", None)
REGIONS = ("440300", "310000", "110000", "330100", "320500", "510100", "420100", "340100")
FEATURES = (
    (
        "history_months",
        "发票历史 {n} 个月，高于同类中位数 24 个月",
        "{n} months of invoices, above the median of 24",
    ),
    (
        "top_customer_share",
        "最大客户占比 {n}%，高于同类中位数 30%",
        "Largest customer {n} % of sales, above the median of 30 %",
    ),
    (
        "sales_growth_ratio",
        "近12个月销售增长率 {n}%，低于同类中位数 12%",
        "Sales growth {n} %, below the median of 12 %",
    ),
    (
        "void_share",
        "作废发票占比 {n}%，高于同类中位数 3%",
        "Void invoices {n} %, above the median of 3 %",
    ),
    ("customers_n", "客户 {n} 家，高于同类中位数 18 家", "{n} customers, above the median of 18"),
)
DOCUMENTS = (
    ("invoice", "近24个月发票", "Invoices of the last 24 months"),
    ("statement", "最近两年财务报表", "Accounts of the last two years"),
    ("staff", "职工与研发人员数", "Head count and R&D staff"),
    ("patent", "专利清单", "List of patents"),
)


def write_folder(path, *, firms_n=60, seed=1, currencies=("CNY",), scheme="sample"):
    """Every table of the folder; the first firm's name tries to break out of the page."""
    path.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    firms = [firm_row(i, rng, currencies, scheme) for i in range(firms_n)]
    firms[0]["name"] = INJECTION
    firms[1] |= {"name": LONG, "sector": LONG}
    firms.append(bare_row(firms_n, scheme))
    frame = pl.DataFrame(firms, infer_schema_length=None)
    frame.write_parquet(path / "assessment.parquet")
    ids = frame["firm_id"].to_list()[:-1]
    profile_rows(ids, rng).write_parquet(path / "profile.parquet")
    month_rows(ids, rng).write_parquet(path / "series.parquet")
    statement_rows(ids, rng).write_parquet(path / "statements.parquet")
    patent_rows(ids, rng).write_parquet(path / "patents.parquet")
    write_json(path / "evidence.json", {"sources": SOURCES, "quarantine": quarantine_record()})
    write_json(path / "run.json", run_record(frame))
    return path


def firm_row(i, rng, currencies, scheme):
    verdict = ("graded", "graded", "graded", "expert", "insufficient")[i % 5]
    known = verdict != "insufficient"
    pd = float(np.clip(np.exp(rng.normal(-3.6, 1.2)), 3e-4, 0.9)) if known else None
    pd = 0.0125 if verdict == "expert" else pd
    currency = currencies[i % len(currencies)]
    scale = 1e6 if currency == "CNY" else 2e9
    need = float(np.exp(rng.normal(0.5, 1.1)) * scale) if i % 7 else None
    debt = None if i % 3 == 0 else float(need * 0.3) if need else None
    limit = (
        round(max(need - (debt or 0), 0) * (0.0 if pd > 0.2 else 0.8), -4)
        if known and need
        else None
    )
    el = pd * 0.45 if known else None
    row = {
        "firm_id": f"{scheme}:{i:06d}",
        "name": f"示例科技{i}有限公司",
        "country": "CN" if currency == "CNY" else "KR",
        "region_code": REGIONS[int(rng.integers(len(REGIONS)))] if currency == "CNY" else None,
        "city": None,
        "sector": SECTORS[int(rng.integers(len(SECTORS)))],
        "industry_code": "C39" if i % 2 else "I65",
        "life_stage": ("start_up", "growth", "stable", None)[i % 4],
        "as_of": AS_OF,
        "verdict": verdict,
        "grade": f"X{1 + i % 4}"
        if verdict == "expert"
        else GRADES[int(np.searchsorted(BOUNDS, pd))]
        if known
        else None,
        "pd": pd,
        "pd_basis": {
            "graded": "classification" if i % 2 else "prediction",
            "expert": "low_default",
        }.get(verdict),
        "card_id": "cn-sme-default"
        if verdict == "graded"
        else "techflow-expert"
        if known
        else None,
        "card_hash": "ab" * 32 if known else None,
        "score": 500 - 40 * float(np.log(pd)) if known else None,
        "currency": currency,
        "need_lcy": need,
        "debt_outstanding_lcy": debt,
        "limit_lcy": limit,
        "el_rate_pa": el,
        "funding_rate_pa": 0.025 if known else None,
        "cost_rate_pa": 0.012 if known else None,
        "capital_rate_pa": 0.0095 if known else None,
        "rate_pa": el + 0.0465 if known else None,
        "evidence_on": date(2026, 6, 28) if i % 9 else date(2024, 1, 31),
    }
    return row | reason_columns(i, rng, known) | missing_columns(i, verdict)


def reason_columns(i, rng, known):
    row = {}
    for place in (1, 2, 3):
        name, zh, en = FEATURES[(i + place) % len(FEATURES)]
        shown = known and not (i % 11 == 0 and place == 3)
        n = int(rng.integers(2, 60))
        row |= {
            f"reason_{place}_feature": name if shown else None,
            f"reason_{place}_part": float(rng.normal(0, 1.2 / place)) if shown else None,
            f"reason_{place}_zh": zh.format(n=n) if shown else None,
            f"reason_{place}_en": en.format(n=n) if shown else None,
        }
    return row


def missing_columns(i, verdict):
    wanted = [d for k, d in enumerate(DOCUMENTS) if verdict == "insufficient" and (i + k) % 3]
    wanted = wanted or (list(DOCUMENTS[2:3]) if verdict == "expert" else [])
    return {
        "missing": "; ".join(d[0] for d in wanted) or None,
        "missing_zh": "；".join(d[1] for d in wanted) or None,
        "missing_en": "; ".join(d[2] for d in wanted) or None,
    }


def bare_row(i, scheme):
    """A firm of which nothing is known but that it exists."""
    return {
        "firm_id": f"{scheme}:{i:06d}",
        "country": "CN",
        "as_of": AS_OF,
        "verdict": "insufficient",
    }


def profile_rows(ids, rng):
    rows = []
    for i, firm_id in enumerate(ids):
        known = i % 5 != 4
        rows.append(
            {
                "firm_id": firm_id,
                "as_of": AS_OF,
                "founded_on": date(2008 + i % 15, 5, 1),
                "history_months": int(rng.integers(6, 60)) if known else None,
                "sales_12m_lcy": float(np.exp(rng.normal(15.5, 1))) if known else None,
                "sales_growth_ratio": float(rng.normal(0.1, 0.3)) if known else None,
                "margin_ratio": float("nan") if i == 1 else float(rng.normal(0.2, 0.1)),
                "void_share": float(rng.uniform(0, 0.1)) if known else None,
                "top_customer_share": float(rng.uniform(0.1, 0.9)) if known else None,
                "customers_n": int(rng.integers(1, 80)) if known else None,
                "leverage_ratio": float(rng.uniform(0.2, 1.1)) if i % 2 else None,
                "statement_on": date(2025, 12, 31) if i % 2 else None,
                "patents_n": int(rng.integers(0, 30)),
                "rnd_staff_share": None,
                **{
                    f"part_{name}": float(rng.normal(0, 0.5)) if i % 5 < 3 else None
                    for name, *_ in FEATURES
                },
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def month_rows(ids, rng):
    months = pl.date_range(date(2023, 7, 1), date(2026, 6, 1), "1mo", eager=True).to_list()
    known = [firm_id for i, firm_id in enumerate(ids) if i % 5 != 4]
    n = len(known) * len(months)
    level = np.repeat(np.exp(rng.normal(12.8, 1, len(known))), len(months))
    sales = level * np.exp(rng.normal(0, 0.35, n))
    return pl.DataFrame(
        {
            "firm_id": np.repeat(np.array(known), len(months)),
            "month_on": months * len(known),
            "currency": ["CNY"] * n,
            "sales_lcy": np.where(rng.uniform(size=n) < 0.02, -0.1 * sales, sales),
            "purchases_lcy": sales * rng.uniform(0.5, 0.9, n),
        }
    )


def statement_rows(ids, rng):
    rows = []
    for i, firm_id in enumerate(ids):
        for year in (2023, 2024, 2025) if i % 2 else ():
            revenue = float(np.exp(rng.normal(16.5, 1)))
            rows.append(
                {
                    "firm_id": firm_id,
                    "period_end_on": date(year, 12, 31),
                    "basis": "separate",
                    "currency": "USD" if i == 3 and year == 2025 else "CNY",
                    "revenue_lcy": revenue,
                    "net_income_lcy": revenue * float(rng.normal(0.05, 0.1)),
                    "rnd_expense_lcy": revenue * 0.08 if year > 2023 else None,
                    "total_assets_lcy": revenue * 1.3,
                    "total_liabilities_lcy": revenue * 0.7,
                    "source_id": "statements-2025.xlsx",
                    "source_row_n": i + 2,
                    "known_at": datetime(year + 1, 4, 30, tzinfo=UTC),
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def patent_rows(ids, rng):
    rows = [
        {
            "patent_id": f"CN{100000000 + 97 * i + k}A",
            "firm_id": firm_id,
            "patent_kind": ("invention", "utility")[k % 2],
            "filed_on": date(2016 + (i + k) % 10, 1 + k % 12, 9),
            "granted_on": None if k % 3 == 0 else date(2018 + (i + k) % 8, 1 + k % 12, 9),
            "title": "一种数据处理方法及装置" if k else "x" * 90,
            "ipc": ";".join(["G06F17/30"] * 20),
            "claims_n": int(rng.integers(3, 20)),
        }
        for i, firm_id in enumerate(ids)
        for k in range(i % 6)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def quarantine_record():
    reasons = (
        (
            "future_date",
            "日期晚于载入日",
            "Date after the day of loading",
            "issued_on",
            INJECTION,
            41,
        ),
        ("not_a_number", "不是数字", "Not a number", "net_lcy", "12.3.4", 17),
        ("duplicate", "与另一行完全相同", "Exactly as another row", None, None, 233),
    )
    names = ("reason_code", "reason_zh", "reason_en", "column_name", "value_text", "rows_n")
    rows = [
        {"source_id": "src-1", "source_name": "invoices-1.csv", "table_name": "invoice"}
        | dict(zip(names, reason, strict=True))
        for reason in reasons
    ]
    examples = [{**row, "source_row_n": 7} for row in rows]
    return {"rows_n": sum(row["rows_n"] for row in rows), "reasons": rows, "examples": examples}


SOURCES = [
    {
        "source_id": f"src-{k + 1}",
        "source_name": name,
        "importer": "csv",
        "sha256": f"{k}c" * 32,
        "rows_n": n,
        "kept_n": n - bad,
        "quarantined_n": bad,
        "loaded_at": f"2026-07-01T08:0{k}:00Z",
        "latest_on": latest_on,
    }
    for k, (name, n, bad, latest_on) in enumerate(
        (
            ("invoices-1.csv", 9000, 291, "2026-06-28"),
            ("invoices-2.csv", 8000, 0, None),
            ("statements-2023" + "x" * 80 + ".xlsx", 90, 0, "2023-12-31"),
        )
    )
]


def run_record(frame):
    content = load_content()
    return {
        "techflow": "0.1.0",
        "as_of": AS_OF.isoformat(),
        "loaded_by": "2026-07-01T08:02:00Z",
        "store": {"name": "demo", "version": 3},
        "content": dict(content.hashes),
        "cards": content.describe_cards(AS_OF),
        "scale": content.describe_scale(),
        "expert": content.describe_expert(),
        "terms": content.describe_terms(AS_OF),
        "low_default": {"loans_n": 400, "defaults_n": 3, "confidence": 0.75, "pd": 0.0125},
        "counts": {"firms_n": frame.height},
        "tables": [
            {"table": "invoice", "rows_n": 17000, "latest_on": "2026-06-28"},
            {"table": "statement", "rows_n": 90, "latest_on": "2025-04-30"},
        ],
        "files": {"assessment.parquet": "9f" * 32},
        "seconds": 3.2,
    }


def write_json(path, record):
    path.write_text(json.dumps(record, ensure_ascii=False, default=str), "utf8")
