"""Content of long-term capital: bands, regimes, assets, holders, each with reference and mark."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from techflow.basics import InvalidInput
from techflow.credit import Words
from techflow.market.long_capital.limits import Asset
from techflow.market.long_capital.tax import Band, Regime, rate_of
from techflow.policy.params import parse_mark

FOLDER = Path(str(files("techflow_content.models"))) / "long_capital"


def read_content(name: str, folder: Path | None = None) -> dict[str, Any]:
    """A file of the folder, or of an own one that has it.

    Args:
        name: Such as `tax`.
        folder: Own folder in the form of `models/long_capital`; a file it lacks is ours.

    Raises:
        InvalidInput: The folder is not there, or the file is no TOML.
    """
    if folder is not None and not folder.is_dir():
        raise InvalidInput(f"--model must be a folder; got {folder}")
    own = None if folder is None else folder / f"{name}.toml"
    path = own if own is not None and own.is_file() else FOLDER / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is no TOML in UTF-8: {error}") from error


def require_cells(
    spec: Any, where: str, *, numbers: tuple[str, ...] = (), texts: tuple[str, ...] = ()
) -> None:
    """Refuse a table of content that lacks a number or a text; a list of numbers is numbers.

    Raises:
        InvalidInput: Names the cell and where it is.
    """
    if not isinstance(spec, Mapping):
        raise InvalidInput(f"{where} must be a table; got {spec!r}")
    for name in numbers:
        cells = spec.get(name)
        listed = cells if isinstance(cells, list) and cells else [cells]
        if any(isinstance(x, bool) or not isinstance(x, int | float) for x in listed):
            raise InvalidInput(f"{where}: {name} must be a number; got {cells!r}")
    for name in texts:
        if not isinstance(spec.get(name), str):
            raise InvalidInput(f"{where}: {name} must be a text; got {spec.get(name)!r}")
    if "mark" in texts:
        parse_mark(spec["mark"], where)


def read_bands(rows: list[Mapping[str, float]]) -> tuple[Band, ...]:
    """Bands as written: `from` with the edge, `over` without.

    Examples:
        >>> read_bands([{"from": 0, "rate": 0.2}, {"over": 12, "rate": 0.0}])[1]
        Band(months=12.0, inclusive=False, rate=0.0)
    """
    try:
        return tuple(
            Band(float(row.get("from", row.get("over", -1))), "from" in row, float(row["rate"]))
            for row in rows
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"a band is {{ from = 0, rate = 0.2 }} or {{ over = 12, rate = 0.1 }}; got {rows}"
        ) from error


def read_regime(name: str, spec: Mapping[str, Any], rates: Mapping[str, float]) -> Regime:
    """A regime of `tax.toml`.

    Args:
        name: Its name.
        spec: Its table.
        rates: What `income` and `pension` stand for.

    Raises:
        InvalidInput: Something is absent or out of range; names the regime.
    """
    try:
        paid = [spec["paid_in"], spec["paid_out"]]
        paid_in, paid_out = (rates[rate] if isinstance(rate, str) else float(rate) for rate in paid)
        return Regime(
            paid_in,
            read_bands(spec["dividend"]),
            read_bands(spec["gain"]),
            float(spec["sale_rate"]),
            paid_out,
            read_bands(spec.get("deduction", [{"from": 0, "rate": 0.0}])),
            bool(spec.get("deferred", False)),
        )
    except KeyError as error:
        raise InvalidInput(f"regime {name} of tax.toml lacks {error}") from error
    except InvalidInput as error:
        raise InvalidInput(f"regime {name} of tax.toml: {error}") from None


def read_assets(
    names: list[str], content: Mapping[str, Any], *, held_months: float
) -> tuple[Asset, ...]:
    """Assets by name, with the risk factor for a length of holding.

    Raises:
        InvalidInput: A name is not in `assets.toml`.
    """
    unknown = [name for name in names if name not in content]
    if unknown:
        raise InvalidInput(
            f"columns must be assets of assets.toml: {', '.join(content)}; got {', '.join(unknown)}"
        )
    months = np.array([held_months])
    return tuple(
        Asset(
            name,
            frozenset(content[name]["groups"]),
            float(rate_of(read_bands(content[name]["factor"]), months)[0])
            if "factor" in content[name]
            else None,
        )
        for name in names
    )


def words_of(spec: Mapping[str, Any]) -> Words:
    """Its name in both languages."""
    return Words(spec["zh"], spec["en"])


def reference_of(spec: Mapping[str, Any]) -> Words:
    """Its source in both languages, written `zh / en`."""
    zh, _, en = str(spec["reference"]).partition(" / ")
    return Words(zh, en or zh)
