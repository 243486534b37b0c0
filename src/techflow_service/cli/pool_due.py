"""Command `techflow pool due`: what is due on loans, as requests for the books."""

import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import click

from techflow.basics import InvalidInput
from techflow.flow.charging import OPERATOR, fee_rate, law_rate
from techflow.pool import Rate
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.cli.scheme import FROM
from techflow_service.filing.charging import Asked, charge_file, write_charged
from techflow_service.mark_words import say_mark
from techflow_service.policies import load_laws
from techflow_service.schemes import settled_scheme

ROUTES = {"fee": "fee", "discount": "discount", "relending": "relend"}


@click.command("due")
@click.argument("kind", type=click.Choice(list(ROUTES)), help="What is due.")
@click.argument("loans", type=click.Path(path_type=Path), help="Loans, .csv, .xlsx or .parquet.")
@click.option("--pool", "pool_id", required=True, help="Id of the pool whose books it goes to.")
@click.option("--since", required=True, help="First day of the period, YYYY-MM-DD.")
@click.option("--until", required=True, help="Last day of the period, itself in.")
@click.option("--on", required=True, help="Legal date of the rates, and day of the entries.")
@click.option("--actor", required=True, help="Who asks.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File of requests.")
@click.option("--scheme", "scheme_id", help="For fee: the scheme that names it.")
@click.option("--fee", "number", type=int, help="For fee: which of its fees, from 1.")
@click.option("--rate", help="Your own rate such as 0.6 or 60%, instead of the scheme's or law's.")
@FROM
@LANG
@JSON
def due(
    kind: str,
    loans: Path,
    *,
    pool_id: str,
    since: str,
    until: str,
    on: str,
    actor: str,
    out: Path,
    scheme_id: str | None,
    number: int | None,
    rate: str | None,
    folder: Path,
    lang: str,
    as_json: bool,
) -> None:
    """Work out what is due on each loan of LOANS, and write the requests for `techflow pool post`.

    LOANS has loan_id, firm_id, bank_id, base_cny (what the rate is taken of, the same over the
    period: the part guaranteed, the principal), drawn_on and due_on. Rows that cannot be used are
    put aside beside the file with reasons. Periods of a loan add to the fen, however they are cut.
    """
    day, share = read_day(on), _share(rate)
    chosen, party, version, mark = _terms(
        ROUTES[kind], folder, scheme_id=scheme_id, number=number, on=day, share=share
    )
    after = read_day(until, "--until") + timedelta(1)
    first = read_day(since, "--since")
    asked = Asked(
        ROUTES[kind], pool_id, party, chosen, version, actor, on=day, since=first, until=after
    )
    found = charge_file(loans, asked)
    write_charged(found, out)
    told = {
        "requests_n": len(found.requests),
        "total_fen": found.total_fen,
        "aside_n": len(found.aside),
        "rate_share": float(chosen.share),
        "mark": mark,
    }
    yuan = f"{found.total_fen // 100:,}.{found.total_fen % 100:02d}"
    rate_text = f"{float(chosen.share) * 100:g}%"
    said = {
        "zh": f"费率{rate_text}（{say_mark(mark, 'zh')}）：{len(found.requests)}笔应收，"
        f"合计{yuan}元；{len(found.aside)}行搁置；已写入 {out}",
        "en": f"rate {rate_text} ({mark}): {len(found.requests)} amounts due, {yuan} yuan in all; "
        f"{len(found.aside)} rows put aside; wrote {out}",
    }
    click.echo(json.dumps(told) if as_json else said[lang])


def _share(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(f"--rate must be a share such as 0.6 or 60%; got {text!r}") from None


def _terms(
    route: str,
    folder: Path,
    *,
    scheme_id: str | None,
    number: int | None,
    on: date,
    share: Fraction | None,
) -> tuple[Rate, str, str, str]:
    if (route == "fee") != (scheme_id is not None):
        raise InvalidInput("--scheme names the scheme of a fee; give it with fee, and only with it")
    own = "+own" if share else ""
    if scheme_id:
        rate, payee, mark = fee_rate(settled_scheme(folder, scheme_id, on), number)
        rate, mark = (replace(rate, share=share), OPERATOR) if share else (rate, mark)
        return rate, payee, f"{scheme_id}@{on}{own}", mark
    rate, mark = law_rate(load_laws(), route, on=on, share=share)
    return rate, "", f"{rate.name}@{on}{own}", mark
