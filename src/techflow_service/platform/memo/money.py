"""Cash flow by month, accounts by year, shares of customers and suppliers."""

from datetime import date
from typing import Any

from techflow_service.platform.charts import Chart, axes, bars, line, option
from techflow_service.platform.memo.figures import amount, label
from techflow_service.platform.memo.writing import Memo, Row
from techflow_service.platform.roles import Part
from techflow_service.platform.showing import DASH, number, share

MONTHS_MAX = 36
TRADED = (
    *("sales_12m_lcy", "purchases_12m_lcy", "sales_growth_ratio", "sales_volatility_ratio"),
    *("margin_ratio", "void_share", "credit_note_share", "history_months", "idle_months"),
)
RATIOS = (
    *("leverage_ratio", "current_ratio", "cash_ratio", "net_margin_ratio", "rnd_share"),
    *("return_on_assets_ratio", "revenue_growth_ratio", "debt_assets_ratio"),
)
ITEMS = (
    *("revenue_lcy", "cost_lcy", "operating_income_lcy", "pretax_income_lcy", "net_income_lcy"),
    *("rnd_expense_lcy", "operating_cash_flow_lcy", "total_assets_lcy", "current_assets_lcy"),
    *("cash_lcy", "receivables_lcy", "inventory_lcy", "total_liabilities_lcy"),
    *("current_liabilities_lcy", "debt_lcy", "retained_earnings_lcy", "total_equity_lcy"),
)
SCALES = {
    "zh": ((1e8, "亿"), (1e4, "万"), (1.0, "")),
    "en": ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1.0, "")),
}


def tell_cash(memo: Memo) -> dict[str, Any]:
    """Monthly sales and purchases, and what the invoices say of them."""
    profile, speak = memo.row(Part.CASH, "profile"), memo.speak
    every = memo.rows(Part.CASH, "series")
    currency = str(every[-1]["currency"]) if every else memo.currency
    months = _every_month([row for row in every if row["currency"] == currency], memo)
    return {
        "title": _sales(memo, profile, currency, len(months)),
        "facts": memo.cells("profile", TRADED, profile, currency or ""),
        "chart": _months_chart(memo, months, currency, profile) if months else None,
        "head": [
            label(speak, "invoice_month", name)
            for name in ("month_on", "sales_lcy", "purchases_lcy")
        ],
        "rows": [
            (
                row["month_on"][:7],
                amount(speak, row["sales_lcy"], currency),
                amount(speak, row["purchases_lcy"], currency),
            )
            for row in reversed(months)
        ],
    }


def _every_month(rows: list[Row], memo: Memo) -> list[dict[str, Any]]:
    """Months up to the day of the run: one without an invoice sold nothing."""
    if not rows:
        return []
    known = {row["month_on"]: row for row in rows}
    first, last = date.fromisoformat(rows[0]["month_on"]), memo.look.run.as_of
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (divmod(first.year * 12 + first.month - 1 + n, 12) for n in range(count))
    days = [date(year, month + 1, 1).isoformat() for year, month in months][-MONTHS_MAX:]
    nothing = {"sales_lcy": 0.0, "purchases_lcy": 0.0}
    return [{**nothing, **known.get(day, {}), "month_on": day} for day in days]


def _sales(memo: Memo, profile: Row, currency: str | None, months_n: int) -> str:
    speak, sold = memo.speak, profile.get("sales_12m_lcy")
    if not months_n:
        return speak("firm.sales_none")
    told = amount(speak, sold, currency)
    growth = profile.get("sales_growth_ratio")
    if growth is None:
        return speak("firm.sales", n=told, months=min(12, months_n))
    key = "firm.sales_more" if growth >= 0 else "firm.sales_less"
    return speak(key, n=told, share=share(abs(growth)))


def _months_chart(
    memo: Memo, months: list[dict[str, Any]], currency: str | None, profile: Row
) -> Chart:
    speak = memo.speak
    values = [value for row in months for value in (row["sales_lcy"], row["purchases_lcy"])]
    middle = sorted(abs(value) for value in values if value)
    step, unit = _scale(speak.language, middle[len(middle) // 2] if middle else 0.0)

    def shown(name: str) -> list[float | None]:
        found = [row[name] for row in months]
        return [None if value is None else round(value / step, 2) for value in found]

    names = [label(speak, "invoice_month", name) for name in ("sales_lcy", "purchases_lcy")]
    series = [
        bars(names[0], shown("sales_lcy")),
        line(names[1], shown("purchases_lcy"), "--series-2", labelled=False),
    ]
    drawn = option(
        **axes([row["month_on"][:7] for row in months]),
        series=series,
        legend={"top": 0, "left": 0, "textStyle": {"fontSize": 12, "color": "--ink"}},
    )
    drawn["grid"] = {**drawn["grid"], "top": 40}
    money_unit = (
        f"{unit}元" if speak.language == "zh" and currency == "CNY" else f"{currency} {unit}"
    )
    words = speak("firm.months_subtitle", unit=money_unit.strip(), n=len(months))
    return Chart(_sales(memo, profile, currency, len(months)), words, drawn)


def _scale(language: str, middle: float) -> tuple[float, str]:
    steps = SCALES[language]
    return next(((step, unit) for step, unit in steps if middle >= step), steps[-1])


def tell_accounts(memo: Memo) -> dict[str, Any]:
    """Years on the basis that the verdict used, items as rows."""
    every, profile, speak = (
        memo.rows(Part.CASH, "statements"),
        memo.row(Part.CASH, "profile"),
        memo.speak,
    )
    basis = profile.get("statement_basis") or (every[-1].get("basis") if every else None)
    years = [row for row in every if row.get("basis") == basis]
    items = [name for name in ITEMS if any(row.get(name) is not None for row in years)]
    return {
        "title": _result(memo, years[-1]) if years else speak("firm.accounts_none"),
        "basis": memo.word("statement", "basis", years[-1]) if years else "",
        "years": [(str(row["period_end_on"])[:10], row.get("currency") or "") for row in years],
        "rows": [
            (
                label(speak, "statement", name),
                [memo.cell("statement", name, row, currency=row.get("currency")) for row in years],
            )
            for name in items
        ],
        "facts": memo.cells("profile", RATIOS, profile),
    }


def _result(memo: Memo, row: Row) -> str:
    on, net = str(row["period_end_on"])[:10], row.get("net_income_lcy")
    if net is None:
        return memo.speak("firm.accounts", on=on)
    told = amount(memo.speak, abs(net), row.get("currency"))
    return memo.speak("firm.loss" if net < 0 else "firm.profit", on=on, n=told)


def tell_network(memo: Memo) -> dict[str, Any]:
    """Each side: the largest partner's share, the rest counted, how long they have dealt."""
    row = memo.row(Part.NETWORK, "profile")
    sides = [side for side in ("customer", "supplier") if row.get(f"{side}s_n") is not None]
    top = row.get("top_customer_share")
    told = memo.speak("firm.network", share=share(top)) if top is not None else ""
    return {
        "title": told or memo.speak("firm.network_none"),
        "sides": [_side(memo, row, side) for side in sides],
        "facts": memo.cells("profile", ("repeat_customer_share",), row),
    }


def _side(memo: Memo, row: Row, side: str) -> dict[str, Any]:
    speak, top, n = memo.speak, row.get(f"top_{side}_share"), row[f"{side}s_n"]
    names = (f"top_{side}_share", f"{side}s_n", f"{side}_hhi_ratio", f"{side}_tenure_months")
    rest = speak(
        f"firm.rest_{side}",
        n=number(max(0, n - 1)),
        share=DASH if top is None else share(1 - top),
    )
    return {
        "name": label(speak, "profile", f"{side}s_n"),
        "parts": [] if top is None else [top, 1 - top],
        "largest": f"{label(speak, 'profile', f'top_{side}_share')} {share(top)}",
        "rest": rest,
        "cells": memo.cells("profile", names, row),
    }
