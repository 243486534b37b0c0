"""Commands `techflow product list | show`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from techflow.basics import InvalidInput
from techflow_service.cli.options import JSON, LANG, read_day
from techflow_service.policies import load_laws
from techflow_service.products import describe_product, load_products

FROM = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="A folder of product folders of your own, instead of those that come along.",
)
ON = click.option("--on", help="Legal date, YYYY-MM-DD; today if left out.")


@click.group("product")
def product() -> None:
    """Financing products: content folders, each with its terms by date and mark."""


@product.command("list")
@FROM
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list, for machines.")
def list_products(folder: Path | None, as_json: bool) -> None:
    """List products: id, kind, provider, security, name."""
    found = load_products(*_given(folder), policies=load_laws())
    rows = [
        {name: getattr(one, name) for name in ("id", "kind", "provider", "secured_by", "zh", "en")}
        for one in found.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        head = f"{row['id']:<32}{row['kind']:<13}{row['provider']:<12}{row['secured_by']:<12}"
        click.echo(f"{head}{row['zh']} / {row['en']}")


@product.command("show")
@click.argument("product_id", metavar="ID", help="A product of `techflow product list`.")
@FROM
@ON
@LANG
@JSON
def show_product(
    product_id: str, *, folder: Path | None, on: str | None, lang: str, as_json: bool
) -> None:
    """Show one product: for whom, on which terms on a day, with source and mark."""
    found = load_products(*_given(folder), policies=load_laws())
    if product_id not in found:
        raise InvalidInput(f"no product {product_id}; there are {', '.join(found)}")
    told = describe_product(found[product_id], read_day(on))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    click.echo("\n".join(_tell(told, lang)))


def _given(folder: Path | None) -> tuple[Path, ...]:
    return () if folder is None else (folder,)


WORDS = {
    "for": {"zh": "适用", "en": "For"},
    "any": {"zh": "不限", "en": "any"},
    "tools": {"zh": "可降低利率的工具", "en": "Tools that may lower its rate"},
    "qualifications": {"zh": "须符合（每行任一）", "en": "Qualifications (one of each line)"},
    "requirements": {"zh": "条件", "en": "Conditions"},
    "documents": {"zh": "材料", "en": "Documents"},
    "terms": {"zh": "条款", "en": "Terms"},
}


def _tell(told: Mapping[str, Any], lang: str) -> list[str]:
    place = ("zh", "en").index(lang)
    served = ", ".join((*told["stages"], *told["purposes"])) or WORDS["any"][lang]
    parts = {
        "qualifications": [" | ".join(group) for group in told["qualifications"]],
        "requirements": [f"{each[lang]} ({_bounds(each)})" for each in told["requirements"]],
        "tools": [f"{tool} ({told['pool']})" if tool == "pool" else tool for tool in told["tools"]],
        "documents": [pair[place] for pair in told["documents"]],
        "terms": [_term(term, lang) for term in told["terms"]],
    }
    lines = [f"{told['id']}  {told[lang]}  ({told['kind']}, {told['provider']})"]
    lines.append(f"{WORDS['for'][lang]}: {served}")
    for name, rows in parts.items():
        if rows:
            lines += [f"{WORDS[name][lang]}:", *(f"  {row}" for row in rows)]
    return lines


def _bounds(each: Mapping[str, Any]) -> str:
    low, high = each["low"], each["high"]
    return " ".join(
        [each["fact"]]
        + ([f">= {low:g}"] if low is not None else [])
        + ([f"<= {high:g}"] if high is not None else [])
    )


def _term(term: Mapping[str, Any], lang: str) -> str:
    zh, _, en = term["reference"].partition(" / ")
    source = zh if lang == "zh" else en or zh
    value = f"{term['value']:,}" if isinstance(term["value"], int | float) else term["value"]
    return f"{term[lang]}: {value} {term['unit']} [{term['status']}] {term['since']}, {source}"


COMMANDS: tuple[click.Command, ...] = (product,)
