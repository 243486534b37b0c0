"""Reading products from their content folders, the ones of the installation and one's own."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.pricing import Product

PRODUCTS = Path(str(files("techflow_content.products")))
FILES = ("product.toml", "params.toml")


def load_products(*folders: Path, policies: Iterable[str] | None = None) -> dict[str, Product]:
    """Every product, by id.

    Args:
        folders: Folders of product folders; none stands for those of the installation.
        policies: Ids of policies a product may ask for; None leaves them unchecked.

    Raises:
        InvalidInput: A folder or file is absent or not TOML, an id occurs twice or is not its
            folder's, or a product asks for a policy that does not exist.
    """
    found: dict[str, Product] = {}
    for parent in folders or (PRODUCTS,):
        for folder in _folders(parent):
            product = read_product(folder)
            if product.id in found:
                raise InvalidInput(f"product {product.id} occurs twice; rename the one in {folder}")
            found[product.id] = product
    if policies is not None:
        _check_policies(found.values(), set(policies))
    return found


def read_product(folder: Path) -> Product:
    """One product.

    Raises:
        InvalidInput: A file is absent, not TOML, or says something that cannot be.
    """
    about, params = (_read(folder / name) for name in FILES)
    product = Product.from_data(about, params)
    if product.id != folder.name.replace("_", "-"):
        raise InvalidInput(f"{folder}: id is {product.id}; it must be the name of the folder")
    return product


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        raise InvalidInput(f"no folder {parent}; name a folder of product folders")
    found = sorted(path for path in parent.iterdir() if (path / FILES[0]).is_file())
    if not found:
        raise InvalidInput(f"{parent} holds no product: a product is a folder with {FILES[0]}")
    return found


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InvalidInput(f"{path} is not there; a product needs {' and '.join(FILES)}")
    try:
        return tomllib.loads(path.read_text("utf8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is not TOML: {error}") from None


def _check_policies(products: Iterable[Product], known: set[str]) -> None:
    for product in products:
        asked = {name for group in product.qualifications for name in group}
        if unknown := sorted(asked - known):
            raise InvalidInput(
                f"product {product.id} asks for {', '.join(unknown)}; no such policy: "
                "`techflow policy list` names them"
            )


def describe_product(product: Product, on: date) -> dict[str, Any]:
    """One product as plain data: what it is and its terms in force on a day."""
    terms = [term for history in product.terms.histories.values() for term in history]
    latest = {term.name: term for term in sorted(terms, key=lambda t: t.since) if term.since <= on}
    return {
        **{name: getattr(product, name) for name in ("id", "zh", "en", "kind", "provider")},
        **{
            name: getattr(product, name)
            for name in ("secured_by", "stages", "purposes", "tools", "pool")
        },
        "qualifications": product.qualifications,
        "requirements": [
            {name: getattr(each, name) for name in ("fact", "low", "high", "zh", "en")}
            for each in product.requirements
        ],
        "documents": product.documents,
        "terms": [_plain(term) for term in latest.values()],
    }


def _plain(term: Any) -> Mapping[str, Any]:
    names = ("name", "zh", "en", "value", "unit", "since", "status", "reference")
    return {name: getattr(term, name) for name in names}
