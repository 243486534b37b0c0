"""The market: who gets which product under scarce capacity, and why not another."""

from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.urls import path, reverse

from techflow_service.platform.agreeing import few
from techflow_service.platform.listing import read_day
from techflow_service.platform.models import Need, Run, Study
from techflow_service.platform.pages.pool import READERS
from techflow_service.platform.reading import note, run_at
from techflow_service.platform.roles import NAMED, Part, Role
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import Speaker, moment, money, number, rate, share
from techflow_service.platform.studies.storing import suppress
from techflow_service.platform.telling import (
    Link,
    Page,
    Section,
    Table,
    newest,
    speaker_of,
    tell,
)

ROWS_N = 50
LOOKERS = READERS | {Role.INVESTOR, Role.PARK}


def market(request: Any) -> HttpResponse:
    """The newest match: products for everybody who may come, firms by consent."""
    speak, study = speaker_of(request), newest("market")
    title = speak("market.title")
    if study is None:
        return tell(request, Page(title, speak("market.none")))
    run = run_at(read_day(str(study.as_of)))
    summary = study.body["summary"]
    answer = speak(
        "market.answer",
        firms=number(summary["firms_n"]),
        got=number(summary["matched_n"]),
        none=number(summary["firms_n"] - summary["matched_n"]),
        scarce=_scarce(speak, study),
    )
    facts = [
        (speak("market.total"), money(summary["total_cny"], speak.language)),
        (speak("market.gap"), f"{100 * summary['gap_share']:.4f}%"),
        (speak("market.pairs"), number(summary["allowed_n"])),
        (speak("frame.as_of"), str(study.as_of)),
    ]
    sections = [_products(speak, study)]
    if run and Role(request.membership.role) in NAMED:
        sections.append(_firms(request, speak, run, study))
    unknown = [speak(f"market.unknown_{name}") for name in ("products", "rate", "firms")]
    return tell(request, Page(title, answer, facts, sections, unknown))


def _scarce(speak: Speaker, study: Study) -> str:
    """Products whose capacity binds: one more yuan of them would be worth something."""
    names = [
        row[speak.language]
        for row in study.body["products"]
        if row["lent_cny"] > 0.98 * row["capacity_cny"]
    ]
    return speak("market.comma").join(names) or speak("told.none")


def _products(speak: Speaker, study: Study) -> Section:
    products, language = study.body["products"], speak.language
    counts = suppress([row["firms_n"] for row in products])
    head = [
        speak(f"market.{name}")
        for name in ("product", "provider", "rate", "firms", "lent", "capacity", "worth")
    ]
    rows = [
        (
            row[language],
            row[f"provider_{language}"],
            rate(row["rate_pa"]),
            speak("told.few") if n is None else number(n),
            "—" if n is None else money(row["lent_cny"], language),
            money(row["capacity_cny"], language),
            share(row["price_ratio"]),
        )
        for row, n in zip(products, counts, strict=True)
    ]
    told = speak("market.products_note", made=moment(study.made_at))
    return Section(speak("market.products"), told, table=Table(head, rows, "ttnnnnn"))


def _firms(request: Any, speak: Speaker, run: Run, study: Study) -> Section:
    """Firms that agreed, the largest first; each leaves its reading."""
    names = {row["product_id"]: row[speak.language] for row in study.body["products"]}
    order = F("asked_cny").desc(nulls_last=True)
    rows = Need.objects.filter(few(), run=run, asked_cny__isnull=False)
    found = list(rows.order_by(order, "firm_id")[:ROWS_N])
    note(request, [row.firm_id for row in found], [Part.PLAN])
    head = [speak(f"market.{name}") for name in ("firm", "asked", "product", "why")]
    told = [
        (
            Link(row.name, reverse("firm", args=[row.firm_id]), row.firm_id),
            money(row.asked_cny, speak.language),
            names.get(row.product_id, speak("told.none")),
            getattr(row, f"reason_{speak.language}"),
        )
        for row in found
    ]
    if not told:
        return Section(speak("market.who"), speak("market.no_firms"))
    about = speak("market.shown", n=len(told))
    return Section(speak("market.who"), about, table=Table(head, told, "tntt"))


URLS = [path("market", market, name="market")]
ROWS = {"market": Row(GET, LOOKERS, "firm")}
PLACES = [(40, "market", "market.title")]
