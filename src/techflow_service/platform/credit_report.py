"""The credit report: two pages, in one language, every figure with its source and version.

What it says is worked out here; how it looks is `credit_report.typ`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from techflow_service.platform.memo.figures import labelled
from techflow_service.platform.memo.sources import Sources
from techflow_service.platform.showing import Speaker, day, moment

VERDICT = ("grade", "pd", "limit_lcy", "rate_pa")
RATE = ("funding_rate_pa", "el_rate_pa", "cost_rate_pa", "capital_rate_pa", "rate_pa")
LIMIT = ("need_lcy", "debt_outstanding_lcy", "limit_lcy", "limit_reason_code")
KIND = ("verdict", "pd_basis")
CASH = (
    *("sales_12m_lcy", "sales_growth_ratio", "sales_volatility_ratio", "margin_ratio"),
    *("debt_assets_ratio", "current_ratio"),
)
NETWORK = ("customers_n", "top_customer_share", "suppliers_n", "top_supplier_share")
EVIDENCE = (
    *("evidence_on", "statement_on", "history_months", "idle_months", "loans_n", "patents_n"),
    "employees_n",
)
FLOW = ("flow_score", "flow_score_min", "flow_score_max", "flow_known_share", "flow_peers_n")
VALUE = (
    *("patents_in_force_n", "patent_value_low_cny", "patent_value_median_cny"),
    *("patent_value_high_cny", "pledge_value_cny"),
)
TABLES = (
    ("pdf.rate", "plan", "assessment", RATE),
    ("pdf.limit", "plan", "assessment", LIMIT),
    ("pdf.cash", "cash", "profile", CASH),
    ("pdf.network", "network", "profile", NETWORK),
    ("pdf.flow", "technology", "technology", FLOW),
    ("pdf.value", "patents", "technology", VALUE),
)
"""Title, part that the firm grants, file and columns of the tables of figures."""
REASONS = ("reason_1", "reason_2", "reason_3")
POLICIES_MAX = 8
SECOND_PAGE = "pdf.qualifications"
ANSWERS = {"yes": 0, "unknown": 1, "no": 2}

Rows = list[tuple[str, ...]]


def write_pdf(report: Mapping[str, Any]) -> bytes:
    """The PDF (PDF/A-2b) of what `tell` says; the same report gives the same bytes.

    Args:
        report: What `tell` returned.
    """
    import typst
    from pylopdf_fonts_zh_cn import sans_path

    source = (files(__package__) / "credit_report.typ").read_bytes()
    made: bytes = typst.compile(
        source,
        font_paths=[sans_path().parent],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        sys_inputs={"report": json.dumps(report, ensure_ascii=False)},
        timestamp=int(datetime.fromisoformat(report["made_at"]).timestamp()),
    )
    return made


def tell(
    firm: Any, run: Any, parts: Mapping[str, Any], at: datetime, language: str
) -> dict[str, Any]:
    """What the report says.

    Args:
        firm: Who it is about: a row of `Firm`.
        run: The assessment it rests on.
        parts: Part -> sheet, as far as the reader may see them.
        at: When it is made.
        language: `zh` or `en`.
    """
    speak = Speaker(language)
    row = _first(parts, "grade", "assessment")
    return {
        "language": language,
        "made_at": at.isoformat(),
        "title": speak("pdf.title"),
        "name": firm.name,
        "lines": [
            f"{speak('firms.firm_id')} {firm.firm_id}",
            f"{speak('frame.as_of')} {day(run.as_of)} · {speak('pdf.made')} {moment(at)}",
        ],
        "facts": labelled(speak, "assessment", row, VERDICT) if row else [],
        "sections": [
            section
            for section in (
                _kind(row, run.record, speak),
                _reasons(row, speak),
                *(
                    _table(key, table, _first(parts, part, table), names, speak)
                    for key, part, table, names in TABLES
                ),
                _qualifications(parts, run.record, speak),
                _table(
                    "pdf.evidence", "profile", _first(parts, "evidence", "profile"), EVIDENCE, speak
                ),
                _hidden(parts, speak),
                _sources(row, run.record, speak),
            )
            if section
        ],
        "foot": speak("pdf.foot"),
    }


def _first(parts: Mapping[str, Any], part: str, file: str) -> dict[str, Any]:
    [row, *_] = (parts.get(part) or {}).get(file) or [{}]
    return {"currency": row["trade_currency"]} | row if "trade_currency" in row else dict(row)


def _section(speak: Speaker, key: str, rows: Rows) -> dict[str, Any] | None:
    return {"title": speak(key), "rows": rows, "page": key == SECOND_PAGE} if rows else None


def _kind(
    row: Mapping[str, Any], record: Mapping[str, Any], speak: Speaker
) -> dict[str, Any] | None:
    """What the verdict is, and whether anybody approved the card behind it."""
    if not row:
        return None
    register = Sources(record, row, speak).card(row.get("card_id"))
    status = register.get(f"status_{speak.language}")
    rows: Rows = [*labelled(speak, "assessment", row, KIND)]
    return _section(speak, "pdf.kind", rows + ([(speak("pdf.card"), status)] if status else []))


def _table(
    key: str, table: str, row: Mapping[str, Any], names: tuple[str, ...], speak: Speaker
) -> dict[str, Any] | None:
    return _section(speak, key, labelled(speak, table, row, names)) if row else None  # type: ignore[arg-type]


def _reasons(row: Mapping[str, Any], speak: Speaker) -> dict[str, Any] | None:
    told = [speak.pick(row, stem) for stem in REASONS]
    missing = speak.pick(row, "missing")
    rows: Rows = [(text,) for text in told if text]
    return _section(
        speak, "pdf.why", rows + ([(speak("pdf.ask", what=missing),)] if missing else [])
    )


def _qualifications(
    parts: Mapping[str, Any], record: Mapping[str, Any], speak: Speaker
) -> dict[str, Any] | None:
    policies = (record.get("qualifications") or {}).get("policies", [])
    names = {one["policy_id"]: one[speak.language] for one in policies}
    found = (parts.get("qualification") or {}).get("qualification") or []
    ordered = sorted(found, key=lambda row: ANSWERS.get(row.get("answer"), 3))
    rows: Rows = []
    for row in ordered[:POLICIES_MAX]:
        (_, answer), (_, document), (_, mark) = labelled(
            speak, "qualification", row, ("answer", "document", "mark")
        )
        rows.append(
            (names.get(row["policy_id"], row["policy_id"]), answer, document, speak.mark(mark))
        )
    return _section(speak, "pdf.qualifications", rows)


def _hidden(parts: Mapping[str, Any], speak: Speaker) -> dict[str, Any] | None:
    wanted = (
        "grade",
        *dict.fromkeys(part for _, part, _, _ in TABLES),
        "qualification",
        "evidence",
    )
    return _section(
        speak,
        "pdf.hidden",
        [
            (speak("firm.hidden", part=speak(f"part.{part}")),)
            for part in wanted
            if part not in parts
        ],
    )


def _sources(
    row: Mapping[str, Any], record: Mapping[str, Any], speak: Speaker
) -> dict[str, Any] | None:
    rows: Rows = [(speak("pdf.program"), f"Techflow {record.get('techflow', '')}")]
    if row.get("card_id"):
        rows.append((speak("pdf.card"), f"{row['card_id']} · {row.get('card_hash', '')}"))
    store = record.get("store") or {}
    rows.append((speak("pdf.store"), str(store.get("version", ""))))
    rows += [
        (speak("pdf.content", name=name), digest[:16])
        for name, digest in (record.get("content") or {}).items()
    ]
    return _section(speak, "pdf.sources", rows)
