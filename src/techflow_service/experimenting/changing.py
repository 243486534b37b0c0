"""A change file laid over laws, products, prices and a scheme; what does not exist is refused."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.flow import find_law
from techflow.flow.policies import Laws
from techflow.policy import Law, check_law, draft_law, final_law
from techflow.pool import Scheme, read_scheme
from techflow.pricing import Terms
from techflow_service.policies import load_draft, read_toml
from techflow_service.pricing import Shelf
from techflow_service.schemes import FILE, SCHEMES

TABLES = ("zh", "en", "policy", "product", "price", "scheme", "capacity_cny")
PRODUCTS = {"working-capital": "loan", "special-guarantee-loan": "guarantee"}
"""Products whose terms enter a price -> their place on the shelf."""
DRAFT, QUALIFICATION = "draft", "qualification"
SIDES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Change:
    """A parsed change file: its titles, tables and folder."""

    zh: str
    en: str
    tables: Mapping[str, Any]
    folder: Path

    def of(self, table: str) -> Mapping[str, Any]:
        """A table; empty if the file has none."""
        found: Mapping[str, Any] = self.tables.get(table, {})
        return found


def read_change(path: Path) -> Change:
    """A change file, TOML or JSON.

    Args:
        path: The file: `zh`, `en`, and at least one of the tables `policy`, `product`, `price`,
            `scheme`, `capacity_cny`.

    Raises:
        InvalidInput: It is missing, cannot be read, lacks a title or changes nothing.
    """
    if path.suffix.lower() not in (".toml", ".json") or not path.is_file():
        raise InvalidInput(f"{path}: give a .toml or .json file of changes that is there")
    try:
        text = path.read_text("utf8")
        if path.suffix.lower() == ".json":
            body = json.loads(text, parse_float=Decimal)
        else:
            body = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}") from None
    if not isinstance(body, dict):
        raise InvalidInput(f"{path} must hold a table with zh, en and changes; got {body!r}")
    if unknown := sorted(set(body) - set(TABLES)):
        raise InvalidInput(f"{path} has no use for {', '.join(unknown)}; it may hold {TABLES}")
    if absent := [name for name in ("zh", "en") if not isinstance(body.get(name), str)]:
        raise InvalidInput(f"{path} lacks its title, {', '.join(absent)}: text in that language")
    tables = {name: body[name] for name in TABLES[2:] if name in body}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InvalidInput(f"{path}: [{name}] must be a table; got {table!r}")
    if not any(tables.values()):
        raise InvalidInput(f"{path} changes nothing; it may change {', '.join(TABLES[2:])}")
    return Change(body["zh"], body["en"], tables, path.parent)


def change_laws(change: Change, laws: Laws) -> dict[str, Law]:
    """The laws with the numbers or the text of the change.

    Args:
        change: `[policy."cn.x"]` holds parameters with their new values, or `draft`: a folder
            beside the file with rule.py and params.toml.
        laws: As they are.

    Raises:
        InvalidInput: A policy or parameter does not exist, or a value cannot be the parameter's.
    """
    changed = dict(laws)
    for name, values in change.of("policy").items():
        law = find_law(laws, name)
        if not isinstance(values, dict):
            raise InvalidInput(f"[policy.{name}] must be a table of parameters; got {values!r}")
        given = dict(values)
        folder = given.pop(DRAFT, None)
        if folder is not None:
            draft = load_draft(change.folder / str(folder), law)
            law = final_law(draft, since=law.policy.versions[0].since)
        changed[name] = _drafted(law, given) if given else law
    return changed


def _drafted(law: Law, values: Mapping[str, Any]) -> Law:
    try:
        drafted = draft_law(law, dict(values))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{law.id}: a table of steps needs as many [bound, points] as it has now: {error}"
        ) from None
    if problems := check_law(drafted):
        raise InvalidInput(f"the change of {law.id} is wrong: {problems[0]}")
    return drafted


def change_shelf(change: Change, shelf: Shelf, laws: Laws) -> Shelf:
    """Laws and terms of prices after the change.

    Args:
        change: `[product.<id>]` and `[price]` hold terms with their new values.
        shelf: As it is.
        laws: After the change.

    Raises:
        InvalidInput: A product or term does not exist or is no single number.
    """
    terms = dict(shelf.terms)
    for name, values in change.of("product").items():
        if name not in PRODUCTS:
            raise InvalidInput(
                f"product {name} enters no price here; only {', '.join(PRODUCTS)} do"
            )
        own = {key: value for key, value in values.items() if key != QUALIFICATION}
        terms[PRODUCTS[name]] = _termed(terms[PRODUCTS[name]], own, f"product {name}")
    terms["price"] = _termed(terms["price"], change.of("price"), "the price")
    return replace(shelf, laws=laws, terms=terms)


def _termed(terms: Terms, values: Mapping[str, Any], where: str) -> Terms:
    histories = dict(terms.histories)
    for name, value in values.items():
        if name not in histories:
            raise InvalidInput(f"{where} has no term {name}; it has {', '.join(histories)}")
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise InvalidInput(f"{where}: {name} must be a number such as 0.01; got {value!r}")
        first = histories[name][0]
        said = f"拟议：{first.reference} / draft of it"
        new = replace(first, value=float(value), reference=said, status="proposal")
        histories[name] = (new,)
    return Terms(histories)


def change_groups(
    change: Change, product: str, groups: tuple[tuple[str, ...], ...], laws: Laws
) -> tuple[tuple[str, ...], ...]:
    """Which policies the product asks for after the change.

    Args:
        change: `[product.<id>] qualification = [["cn.a", "cn.b"], ["cn.c"]]`: one of each group.
        product: Id of the product of the scheme.
        groups: As it is.
        laws: Policy id -> law.

    Raises:
        InvalidInput: It is not such a list, or a policy does not exist.
    """
    asked = change.of("product").get(product, {}).get(QUALIFICATION)
    if asked is None:
        return groups
    if not isinstance(asked, list) or not all(isinstance(g, list) and g for g in asked):
        raise InvalidInput(f'{QUALIFICATION} must be groups such as [["cn.hnte"]]; got {asked!r}')
    return tuple(tuple(find_law(laws, str(name)).id for name in group) for group in asked)


def change_scheme(change: Change, scheme: Scheme) -> Scheme:
    """The scheme after the change, not settled.

    Args:
        change: `[scheme.<id>]` holds paths into scheme.toml, such as `"cap.1.amount.value"`, with
            new values; a number that is a parameter of a policy is changed under `[policy]`.
        scheme: As it is.

    Raises:
        InvalidInput: Another scheme is named, or a path leads nowhere.
    """
    tables = change.of("scheme")
    if others := sorted(set(tables) - {scheme.id}):
        raise InvalidInput(
            f"the change names scheme {', '.join(others)}, the experiment runs {scheme.id}; "
            "choose it with --scheme"
        )
    if not tables:
        return scheme
    body = read_toml(SCHEMES / scheme.id.replace("-", "_") / FILE)
    for path, value in tables[scheme.id].items():
        _lay(body, path, value, scheme.id)
    return read_scheme(body)


def _lay(body: Any, path: str, value: Any, scheme: str) -> None:
    *steps, last = path.split(".")
    at = body
    for step in [*steps, last]:
        parent, key = at, int(step) if isinstance(at, list) and step.isdigit() else step
        known = range(len(at)) if isinstance(at, list) else at if isinstance(at, dict) else ()
        if key not in known:
            told = ", ".join(map(str, known)) or "no keys"
            raise InvalidInput(f"scheme {scheme} has no {path}: at {step} it has {told}")
        at = parent[key]
    if isinstance(at, dict | list):
        raise InvalidInput(
            f"scheme {scheme}: {path} is no single number; add .value, or change the policy's "
            f"parameter under [policy] if it reads {at}"
        )
    parent[key] = value


def read_capacity(change: Change, side: str, regions: list[str]) -> list[float]:
    """Principal the scheme may back in each region; infinite where nothing is said.

    Args:
        change: `[capacity_cny] before = {...}, after = {...}`: yuan by region code.
        side: `before` or `after`.
        regions: Region codes.

    Raises:
        InvalidInput: A side or region does not exist, or an amount is no number of 0 or more.
    """
    table = change.of("capacity_cny")
    if unknown := sorted(set(table) - set(SIDES)):
        raise InvalidInput(f"[capacity_cny] holds before and after; got {', '.join(unknown)}")
    given = table.get(side, {})
    if unknown := sorted(set(given) - set(regions)):
        raise InvalidInput(
            f"[capacity_cny] {side} names {', '.join(unknown)}; the book has {', '.join(regions)}"
        )
    for code, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
            raise InvalidInput(f"[capacity_cny] {side}.{code} must be yuan from 0; got {value!r}")
    return [float(given.get(code, "inf")) for code in regions]
