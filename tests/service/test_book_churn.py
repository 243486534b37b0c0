"""`techflow book churn`: the curves that come along, and a workbook of one's own."""

import json

import pytest
import xlsxwriter
from click.testing import CliRunner

from techflow.basics import InvalidInput
from techflow_service.churning import load_curves, read_churn
from techflow_service.cli import techflow

ROWS = [
    ["贷款年利率", "客户流失率", "", ""],
    ["", "信誉评级A", "信誉评级B", "信誉评级C"],
    *[
        [r, 9 * (r - 0.04), 8 * (r - 0.04), 7 * (r - 0.04)]
        for r in (0.04, 0.06, 0.08, 0.1, 0.12, 0.14)
    ],
]


def write_book(path, rows):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return path


def run(*arguments):
    return CliRunner().invoke(techflow, ["book", "churn", *map(str, arguments)])


def test_the_shipped_curves_cover_every_grade_of_the_scale():
    curves = load_curves()
    assert set(curves.rating_of) == {f"TF{n}" for n in range(1, 11)}
    assert set(curves.by_rating) == {"A", "B", "C"}
    # The form must do better on rows it has not seen than straight lines between neighbours.
    for one in curves.fitted["ratings"].values():
        assert one["loo_rmse_share"] < one["loo_rmse_isotonic_share"]


def test_a_workbook_is_fitted_and_the_same_file_gives_the_same_curves(tmp_path):
    book = write_book(tmp_path / "churn.xlsx", ROWS)
    for name in ("a", "b"):
        found = run("--from", book, "--out", tmp_path / name, "--json")
        assert found.exit_code == 0, found.output
    first, second = ((tmp_path / n / "fitted.json").read_text("utf8") for n in "ab")
    assert first == second
    assert set(json.loads(first)["ratings"]) == {"A", "B", "C"}
    assert load_curves(tmp_path / "a/fitted.json").by_rating["A"].decay > 0.0


@pytest.mark.parametrize(
    ("place", "row", "told"),
    [
        (0, ["rate", "churn", "", ""], "first two rows"),
        (1, ["", "A", "B", "C"], "first two rows"),
        (3, [0.06, "many", 0.1, 0.1], "numbers"),
    ],
)
def test_a_workbook_laid_out_otherwise_is_refused_in_words(tmp_path, place, row, told):
    rows = [row if n == place else kept for n, kept in enumerate(ROWS)]
    with pytest.raises(InvalidInput, match=told):
        read_churn(write_book(tmp_path / "wrong.xlsx", rows))


def test_no_file_and_no_workbook_are_refused_in_words(tmp_path):
    with pytest.raises(InvalidInput, match="check the path"):
        read_churn(tmp_path / "none.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook")
    with pytest.raises(InvalidInput, match="no XLSX"):
        read_churn(tmp_path / "text.xlsx")
    (tmp_path / "fitted.json").write_text("{}")
    with pytest.raises(InvalidInput, match="no churn curves"):
        load_curves(tmp_path / "fitted.json")
