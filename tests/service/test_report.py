"""The figures of the page against plain Python and NumPy, and what goes into the file."""

import base64
import gzip
import hashlib
import json
import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.report_folder import FEATURES, INJECTION, write_folder

from techflow.basics import InvalidInput
from techflow_service.report import write_report
from techflow_service.report.columns import to_columns
from techflow_service.report.folder import Folder
from techflow_service.report.measures import (
    GROUPS_N,
    count_missing,
    measure_book,
    split_book,
    spread_pd,
    weigh_reasons,
)
from techflow_service.report.page import pack
from techflow_service.report.writing import pack_folder

WEB = Path(__file__).parents[2] / "web"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Folder.open(write_folder(tmp_path_factory.mktemp("report"), firms_n=80))


@pytest.fixture(scope="module")
def firms(folder):
    return folder.assessment.collect()


def unpack(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def spread(columns):
    """Columns as the page sees them: words looked up in their list."""
    return {
        name: [None if at is None else values["of"][at] for at in values["at"]]
        if isinstance(values, dict)
        else values
        for name, values in columns.items()
    }


def rows_of(columns):
    plain = spread(columns)
    return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]


def test_verdicts_and_limits_count_every_firm(folder, firms):
    figures = measure_book(firms, folder.scan("profile"))
    verdicts = {row["verdict"]: row["firms_n"] for row in rows_of(figures["verdicts"])}
    assert verdicts == Counter(firms["verdict"])
    (total,) = rows_of(figures["currencies"])
    lent = [row for row in firms.rows(named=True) if row["limit_lcy"]]
    limit = math.fsum(row["limit_lcy"] for row in lent)
    assert total["firms_n"] == firms.height
    assert total["with_limit_n"] == len(lent)
    assert total["limit_lcy"] == pytest.approx(limit, rel=1e-5)
    loss = math.fsum(row["limit_lcy"] * row["pd"] for row in lent)
    assert total["pd"] == pytest.approx(loss / limit, rel=1e-5)


def test_pd_points_are_those_of_numpy(firms):
    for basis, group in spread_pd(firms).items():
        values = firms.filter(pl.col("pd_basis") == basis)["pd"].to_numpy()
        assert group["firms_n"] == len(values)
        assert group["points"] == pytest.approx(np.quantile(values, [0.1, 0.5, 0.9]))
        assert group["values"] == sorted(group["values"])
        assert set(group["values"]) <= set(values)


def test_missing_documents_are_counted_one_by_one(firms):
    wanted, refused = Counter(), Counter()
    for row in firms.rows(named=True):
        for document in filter(None, re.split("; ?", row["missing"] or "")):
            wanted[document] += 1
            refused[document] += row["verdict"] == "insufficient"
    found = count_missing(firms)
    assert dict(found.select("missing", "firms_n").iter_rows()) == wanted
    assert dict(found.select("missing", "insufficient_n").iter_rows()) == refused
    assert found["insufficient_n"].is_sorted(descending=True)


def test_reasons_weigh_all_firms_of_a_card(folder, firms):
    weighed = weigh_reasons(firms, folder.scan("profile"))
    parts = folder.scan("profile").collect().join(firms, on="firm_id", suffix="_firm")
    scored = parts.filter(pl.col("card_id") == "cn-sme-default")
    for name, *_ in FEATURES:
        x = scored[f"part_{name}"].drop_nulls().to_numpy()
        (row,) = weighed.filter(pl.col("feature") == name).to_dicts()
        assert row["firms_n"] == len(x)
        assert row["part_mean"] == pytest.approx(np.abs(x).mean())
        assert row["raises"] - row["lowers"] == pytest.approx(row["part_mean"])


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1e6)), min_size=1, max_size=80))
def test_splitting_loses_no_firm_and_no_yuan(pairs):
    firms = pl.DataFrame(
        {
            "sector": [f"s{n}" if n else None for n, _ in pairs],
            "currency": ["CNY"] * len(pairs),
            "limit_lcy": [limit for _, limit in pairs],
        },
        schema_overrides={"sector": pl.String},
    )
    parts = split_book(firms, "sector")
    if firms["sector"].is_null().all():
        assert parts.is_empty()
        return
    assert parts["firms_n"].sum() == len(pairs)
    assert parts["limit_lcy"].sum() == pytest.approx(sum(limit for _, limit in pairs))
    assert parts.height <= GROUPS_N + 1
    assert parts["groups_n"].sum() == firms["sector"].n_unique()


def test_columns_carry_no_nan_and_few_words_once():
    frame = pl.DataFrame({"x": [1.0, float("nan"), float("inf"), None], "w": ["a", "a", None, "a"]})
    frame = pl.concat([frame] * 3)
    found = to_columns(frame)
    assert found["x"] == [1.0, None, None, None] * 3
    assert found["w"]["of"] == ["a"]
    assert spread(found)["w"] == frame["w"].to_list()


def test_text_of_data_cannot_reach_the_markup(folder, tmp_path):
    page = write_report(write_folder(tmp_path)).read_text("utf8")
    assert INJECTION not in page
    assert page.count("<script") == page.count("</script>") == 2
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    packed = re.search(r'id="book">([^<]*)<', page).group(1)
    assert INJECTION in spread(unpack(packed)["firms"])["name"]


def test_the_page_names_the_licences_of_what_it_bundles(tmp_path):
    page = write_report(write_folder(tmp_path)).read_text("utf8")
    for name in ("Apache ECharts", "ZRender", "tslib"):
        assert f"==== {name} ====" in page


def test_a_large_book_keeps_every_row_and_fewer_sections(folder):
    whole = unpack(pack_folder(folder))
    bare = len(pack_folder(folder, packed_max=0))
    cut = len(pack(whole)) - bare
    text = pack_folder(folder, packed_max=bare + cut // 2)
    book = unpack(text)
    assert len(text) <= bare + cut // 2
    assert book["firms_n"] == len(spread(book["firms"])["firm_id"]) == 81
    assert 0 < book["details"]["firms_n"] < whole["details"]["firms_n"] == 81
    assert book["figures"] == whole["figures"]


def test_the_same_folder_makes_the_same_page(tmp_path):
    folder = write_folder(tmp_path)
    assert write_report(folder).read_bytes() == write_report(folder).read_bytes()


def test_firms_are_listed_largest_limit_first(folder):
    limits = spread(unpack(pack_folder(folder))["firms"])["limit_lcy"]
    known = [limit for limit in limits if limit is not None]
    assert known == sorted(known, reverse=True)
    assert limits[: len(known)] == known


@pytest.mark.parametrize("name", ["run.json", "assessment.parquet"])
def test_a_folder_without_its_tables_is_refused(tmp_path, name):
    write_folder(tmp_path, firms_n=5)
    (tmp_path / name).unlink()
    with pytest.raises(InvalidInput, match=name):
        write_report(tmp_path)


def test_optional_files_may_be_absent(tmp_path):
    write_folder(tmp_path, firms_n=5)
    for name in ("series", "statements", "patents", "profile"):
        (tmp_path / f"{name}.parquet").unlink()
    (tmp_path / "evidence.json").unlink()
    assert write_report(tmp_path).is_file()


def test_every_text_of_the_page_is_used_and_every_used_text_exists():
    sources = {path.name: path.read_text("utf8") for path in (WEB / "src").glob("*.js")}
    texts = set(re.findall(r"^  (\w+): \[", sources.pop("texts.js"), re.MULTILINE))
    code = "\n".join(sources.values())
    asked = set(re.findall(r'\bt\(\s*"(\w+)"', code))
    assert asked <= texts
    built = ("nav_", "card_", "status_", "metric_")
    words = set(re.findall(r'"(\w+)"', code))
    assert not {name for name in texts - words if not name.startswith(built)}


def test_the_lock_file_names_no_download_address():
    lock = (WEB / "package-lock.json").read_text("utf8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
