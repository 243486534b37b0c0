"""Curves of customers lost by rate: read from a table, fitted, kept as content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np

from techflow import __version__
from techflow.basics import Floats, InvalidInput
from techflow.credit.words import content_hash
from techflow.pricing import Response, fit_response, leave_one_out, stay_share
from techflow_service.models import read_model

FOLDER = Path(str(files("techflow_content.models"))) / "cn_loan_churn"
RATE, CHURN, RATING = "贷款年利率", "客户流失率", "信誉评级"
DIGITS = 9


@dataclass(frozen=True, slots=True)
class ChurnCurves:
    """The curves with what they rest on.

    Attributes:
        about: The content file: names, source, limits, grades.
        fitted: What was fitted, with its errors.
        by_rating: Curve of each rating.
        rating_of: Grade of the master scale -> rating.
        hash: Fingerprint of both files.
    """

    about: Mapping[str, Any]
    fitted: Mapping[str, Any]
    by_rating: Mapping[str, Response]
    rating_of: Mapping[str, str]
    hash: str


def load_curves(fitted: Path | None = None) -> ChurnCurves:
    """The curves of the installation.

    Args:
        fitted: A `fitted.json` of one's own instead.

    Raises:
        InvalidInput: The file is absent or is no such file, or a rating has no curve.
    """
    about = read_model("cn_loan_churn/curve.toml")
    path = fitted or FOLDER / "fitted.json"
    if not path.is_file():
        raise InvalidInput(f"no file {path}; `techflow book churn --from FILE` makes one")
    try:
        found = json.loads(path.read_text("utf8"))
        curves = {name: Response.from_data(one) for name, one in found["ratings"].items()}
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{path} holds no churn curves: {error!r}") from None
    grades = {name: list(kept) for name, kept in about["grades"].items() if name != "status"}
    if absent := sorted(set(grades) - set(curves)):
        raise InvalidInput(f"{path} lacks the curve of {', '.join(absent)}; fit it again")
    rating_of = {grade: name for name, kept in grades.items() for grade in kept}
    return ChurnCurves(about, found, curves, rating_of, content_hash({"a": about, "f": found}))


def read_churn(path: Path) -> tuple[Floats, dict[str, Floats]]:
    """Rates and shares lost by rating, from the published workbook.

    Args:
        path: Two header rows, `贷款年利率 客户流失率` and `信誉评级A ...`, then one row per rate.

    Raises:
        InvalidInput: No such file, no workbook, or not laid out so.
    """
    if not path.is_file():
        raise InvalidInput(f"no file {path}; check the path")
    try:
        book = fastexcel.read_excel(path)
        sheet = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise InvalidInput(f"{path} is no XLSX workbook: {str(error).splitlines()[0]}") from None
    table: list[tuple[str | None, ...]] = [*sheet.rows(), (), ()]
    first, second, *rows = table
    if first[:2] != (RATE, CHURN) or not all(
        (cell or "").startswith(RATING) for cell in second[1:]
    ):
        raise InvalidInput(
            f"{path}: the first two rows must be {RATE}, {CHURN} and (empty), {RATING}A, "
            f"{RATING}B ...; got {first} and {second}"
        )
    names = [(cell or "").removeprefix(RATING) for cell in second[1:]]
    try:
        numbers = np.array(
            [[float(cell or "nothing") for cell in row] for row in rows if row], np.float64
        )
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{path}: from the third row on all cells are numbers: {error}"
        ) from None
    return numbers[:, 0], dict(zip(names, numbers[:, 1:].T, strict=True))


def fit_curves(path: Path) -> dict[str, Any]:
    """Content of `fitted.json`: each curve with its errors, by rating; the same file, the same."""
    rates, shares = read_churn(path)
    return {
        "id": "cn-loan-churn",
        "form": "share lost = 1 - exp(-decay (rate - start_rate_pa)), 0 up to the start",
        "ratings": {name: _fit_one(rates, churn) for name, churn in shares.items()},
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "libraries": {"techflow": __version__},
        "command": f"techflow book churn --from {path.name}",
    }


def _fit_one(rates: Floats, churn: Floats) -> dict[str, Any]:
    curve = fit_response(rates, churn)
    stay = stay_share(rates, np.array([curve.decay]), np.array([curve.start_rate_pa]))
    held_out, straight = leave_one_out(rates, churn), _interpolated(rates, churn)
    figures = {
        "decay": curve.decay,
        "start_rate_pa": curve.start_rate_pa,
        "rmse_share": _root(1.0 - stay - churn),
        "loo_rmse_share": _root(held_out),
        "loo_max_share": float(np.abs(held_out).max()),
        "loo_rmse_isotonic_share": _root(straight),
    }
    return {"rates_n": rates.size} | {name: round(v, DIGITS) for name, v in figures.items()}


def _interpolated(rates: Floats, churn: Floats) -> Floats:
    """Leave-one-out error of straight lines between neighbours, made to rise: the plain peer."""
    places = np.arange(rates.size)
    errors = []
    for place in places[1:-1]:
        kept = places != place
        rising = np.maximum.accumulate(churn[kept])
        errors.append(np.interp(rates[place], rates[kept], rising) - churn[place])
    return np.array(errors)


def _root(errors: Floats) -> float:
    return float(np.sqrt(np.mean(errors**2)))
