"""`market match` on files: figures by hand, order kept, wrong cells named with row and fix."""

import json
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from scipy.optimize import linear_sum_assignment

from techflow.basics import InvalidInput, MissingColumn, TechflowError
from techflow_service.cli import techflow
from techflow_service.matching.market import match_files
from techflow_service.matching.tables import pair_chunks, read_market
from techflow_service.matching.wording import read_words

FIRMS = """firm_id,sector,region,stage,amount_cny,rate_max_pa,break_even_rate_pa,note
f3,C26,31,growth,500000,0.09,0.045,x
f1,C39,33,growth,1000000,0.08,0.05,y
f2,C39,33,start_up,2000000,0.07,0.06,z
f4,I65,33,growth,800000,0.06,0.04,
f5,C39,31,growth,3000000,0.05,0.049,
"""
PRODUCTS = """product_id,provider,places_n,rate_pa,relief_rate_pa,sectors,regions,amount_max_cny
ip,Bank A,1,0.055,0.01,C39;C26,,5000000
credit,Bank B,2,0.06,,,33,
start,Bank C,1,0.05,0.015,,,1000000
"""
# By hand, amount x (highest rate - break-even rate + relief), in thousand yuan: ip f3 27.5, f1 40,
# f2 40; credit (region 33) f1 30, f2 20, f4 16; start f3 30, f1 45, f4 28. Best total: f2 ip 40,
# f1 credit 30, f3 start 30, f4 credit 16.
BEST = {"f3": "start", "f1": "credit", "f2": "ip", "f4": "credit", "f5": None}


@pytest.fixture
def files(tmp_path):
    def write(firms=FIRMS, products=PRODUCTS, arcs=None):
        paths = [tmp_path / "firms.csv", tmp_path / "products.csv", tmp_path / "arcs.csv"]
        for path, text in zip(paths, (firms, products, arcs), strict=True):
            path.write_text(text or "", "utf8")
        return paths[0], paths[1], paths[2] if arcs else None

    return write


def run(*words):
    return CliRunner().invoke(
        techflow, ["market", "match", *map(str, words)], catch_exceptions=False
    )


def test_best_total_by_hand(files, tmp_path):
    firms, products, _ = files()
    told = run(firms, products, "--out", tmp_path / "out")
    assert told.exit_code == 0 and "4 of 5 firms" in told.output
    found = pl.read_csv(tmp_path / "out/firms.csv")
    assert dict(found.select("firm_id", "product_id").rows()) == BEST
    assert found["firm_id"].to_list() == ["f3", "f1", "f2", "f4", "f5"]
    assert found.columns[:8] == FIRMS.splitlines()[0].split(",")
    summary = json.loads((tmp_path / "out/summary.json").read_text("utf8"))
    assert (summary["total_cny"], summary["bound_cny"], summary["gap_share"]) == (116e3, 116e3, 0)
    assert summary["matched_n"] == 4
    products = pl.read_csv(tmp_path / "out/products.csv")
    # One more place of start: f1 there instead of at credit, 45 - 30; of ip: f3 or f1 moves.
    assert dict(products.select("product_id", "price_cny").rows()) == {
        "ip": 12_500.0,
        "credit": 0.0,
        "start": 15_000.0,
    }


def test_each_firm_is_told_why_in_both_languages(files):
    found = match_files(files(), method="best").firms
    told = {row["firm_id"]: row for row in found.iter_rows(named=True)}
    assert told["f4"]["reason_code"] == "dear" and told["f4"]["rival_product_id"] == "start"
    assert "start would gain 12,000.00 yuan more" in told["f4"]["reason_en"]
    assert "worth 15,000.00 yuan to others" in told["f4"]["reason_en"]
    assert told["f4"]["lead_cny"] == 3_000.0
    assert told["f5"]["reason_en"] == (
        "no product may take the firm (1 by region; 1 by the amount, outside the limits or "
        "unknown; 1 below what the firm accepts)"
    )
    assert all(re.search("[一-鿿]", row["reason_zh"]) for row in told.values())
    assert all(not re.search("[一-鿿{}]", row["reason_en"]) for row in told.values())


def test_stable_and_fair_by_hand(files):
    # Firms wish by their own rate: all want start first; it takes f4, which brings most.
    stable = match_files(files(), method="stable")
    expected = {"f3": None, "f1": "ip", "f2": "credit", "f4": "start", "f5": None}
    assert dict(stable.firms.select("firm_id", "product_id").rows()) == expected
    assert stable.summary["total_cny"] == 88e3 and stable.summary["bound_cny"] == 116e3
    # Two places of start go to f4 and f1. One kept for each region (of those that may take it
    # f3 is of 31, f1 and f4 of 33: 0.67 and 1.33 places) goes to f3.
    wider = PRODUCTS.replace("Bank C,1", "Bank C,2")
    assert _product(match_files(files(products=wider), method="stable"), "f3") == "ip"
    fair = match_files(files(products=wider), method="fair", group_by="region")
    assert _product(fair, "f3") == "start"
    assert fair.summary["groups"] == [
        {"group": "31", "firms_n": 2, "matched_n": 1},
        {"group": "33", "firms_n": 3, "matched_n": 3},
    ]


def _product(found, firm):
    return dict(found.firms.select("firm_id", "product_id").rows())[firm]


def test_yuan_are_not_exceeded_and_the_gap_is_told(files):
    capacities = {
        "Bank A,1": "Bank A,1500000",
        "Bank B,2": "Bank B,2500000",
        "Bank C,1": "Bank C,9e5",
    }
    products = PRODUCTS.replace("places_n", "capacity_cny")
    for old, new in capacities.items():
        products = products.replace(old, new)
    found = match_files(files(products=products), method="best")
    lent = found.products
    assert (lent["lent_cny"] <= lent["capacity_cny"]).all() and lent["lent_cny"].sum() > 0
    assert 0 <= found.summary["gap_share"] < 1
    with pytest.raises(InvalidInput, match="capacity_cny has no stable matching"):
        match_files(files(products=products), method="stable")


@pytest.mark.parametrize("method", ["best", "stable", "fair"])
def test_given_gains_and_a_market_without_any_allowed_pair(files, method):
    arcs = "firm_id,product_id,firm_gain_cny,provider_gain_cny\nf1,ip,5,-1\nf2,ip,1,0.5\n"
    found = match_files(files(arcs=arcs), method=method)
    assert found.firms["product_id"].drop_nulls().to_list() == ["ip"]
    assert found.summary["total_cny"] == 1.5 and found.summary["allowed_n"] == 1
    told = dict(found.firms.select("firm_id", "reason_en").rows())
    assert told["f1"] == "no product may take the firm (1 below what the provider accepts)"
    assert told["f3"] == "no product: the file has no pair of this firm with a product"
    none = match_files(files(arcs=arcs.replace("0.5", "-0.5")), method=method)
    assert none.summary["matched_n"] == 0 and none.firms.height == 5


def test_a_larger_file_has_the_total_of_scipy(files):
    rng = np.random.default_rng(3)
    value = rng.integers(1, 1000, (60, 6))
    firms = "firm_id\n" + "".join(f"f{i}\n" for i in range(60))
    places = "product_id,provider,places_n\n" + "".join(f"p{j},bank,7\n" for j in range(6))
    arcs = "firm_id,product_id,firm_gain_cny,provider_gain_cny\n" + "".join(
        f"f{i},p{j},{value[i, j]},0\n" for i in range(60) for j in range(6)
    )
    seats = np.repeat(value, 7, axis=1)
    best = seats[linear_sum_assignment(seats, maximize=True)].sum()
    assert match_files(files(firms, places, arcs), method="best").summary["total_cny"] == best


ARCS = "firm_id,product_id,firm_gain_cny,provider_gain_cny\nf1,ip,5,1\n"
WRONG = [
    ({"products": PRODUCTS.replace("Bank B,2", "Bank B,0")}, r"row 3: places_n .* at least 1; got"),
    ({"products": PRODUCTS.replace("Bank B,2", "Bank B,1.5")}, "must be a whole number"),
    ({"products": PRODUCTS.replace("Bank B,2", "Bank B,")}, "row 3: places_n is empty"),
    ({"products": PRODUCTS.replace("Bank B", "")}, "row 3: provider is empty"),
    ({"products": PRODUCTS.replace("places_n", "seats")}, "give one of the columns places_n"),
    ({"products": PRODUCTS.replace("credit,", "ip,")}, "product_id must be there once; got 'ip'"),
    ({"firms": FIRMS.replace("1000000", "-1000000")}, r"row 3: amount_cny .*at least 0; got '-100"),
    ({"firms": FIRMS.replace("0.045", "n/a")}, "row 2: break_even_rate_pa must be a number .*n/a"),
    ({"firms": FIRMS.replace("f2,", "f1,")}, r"firm_id must be there once; got 'f1' \(2 such"),
    ({"firms": FIRMS.splitlines()[0]}, "no row"),
    ({"firms": FIRMS.replace("rate_max_pa", "cap")}, "rate_max_pa is not there.*give ARCS"),
    ({"arcs": ARCS.splitlines()[0]}, "arcs.csv has a header and no row"),
    ({"arcs": ARCS + "f1,loan,1,1\n"}, r"row 3: product_id must be one of those in products.csv"),
    ({"arcs": ARCS + "f9,ip,1,1\n"}, r"row 3: firm_id must be one of those in firms.csv; got 'f9'"),
    ({"arcs": ARCS + "f1,ip,1,1\n"}, "there once for each firm"),
    ({"arcs": ARCS.replace("provider_gain_cny", "gain")}, "no column provider_gain_cny"),
]


@pytest.mark.parametrize(("changed", "message"), WRONG, ids=[text for _, text in WRONG])
def test_wrong_input_is_named_with_its_place(files, changed, message):
    with pytest.raises(TechflowError, match=message):
        match_files(files(**changed), method="best")


def test_pairs_in_small_portions_are_the_same(files):
    arcs = ARCS + "f2,ip,2,1\nf2,start,1,1\nf4,credit,1,2\n"
    for tables in (read_market(*files()), read_market(*files(arcs=arcs))):
        order = ["firm_n", "product_n"]
        whole = pl.concat(pair_chunks(tables)).sort(order)
        assert whole.height == tables.pairs_n
        parts = list(pair_chunks(tables, rows_n=2))
        assert len(parts) > 1 and pl.concat(parts).sort(order).equals(whole)


def test_group_must_be_a_column(files):
    with pytest.raises(MissingColumn, match=r"by county, which is not there.*--group"):
        match_files(files(), method="fair", group_by="county")


def test_every_sentence_exists_in_both_languages():
    for topic, sentences in read_words().items():
        for code, words in sentences.items():
            assert set(words) == {"zh", "en"}, (topic, code)
            fields = [set(re.findall(r"\{(\w+)\}", text)) for text in words.values()]
            assert fields[0] == fields[1], (topic, code)


def test_without_the_extra_it_says_what_to_install(files, tmp_path):
    firms, products, _ = files()
    argv = ["techflow", "market", "match", str(firms), str(products), "--out", str(tmp_path / "o")]
    code = (
        f"import sys; sys.modules['numba'] = None; sys.argv = {argv!r}\n"
        "from techflow_service.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2 and "install techflow[simulate]" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "o").exists()


def add(paths, new, out):
    words = ["market", "add", str(paths[0]), str(paths[1]), str(new), "--out", str(out)]
    return CliRunner().invoke(techflow, words, catch_exceptions=False)


def test_a_firm_more_is_the_same_as_the_larger_market(files, tmp_path):
    # By hand: f6 brings 1,000,000 x (0.10 - 0.05 + 0.015) = 65,000 at start and takes it from f3,
    # which goes without: ip is worth 40,000 with f2 and only 27,500 with f3. 116,000 + 65,000
    # - 30,000 = 151,000.
    new = tmp_path / "new.csv"
    line = "f6,C39,31,growth,1000000,0.10,0.05,\n"
    new.write_text(FIRMS.splitlines()[0] + "\n" + line, "utf8")
    told = add(files(), new, tmp_path / "out")
    assert told.exit_code == 0
    assert "f6: start" in told.output and "f3 moves from start to no product" in told.output
    found = pl.read_csv(tmp_path / "out/firms.csv")
    whole = match_files(files(FIRMS + line), method="best")
    assert whole.summary["total_cny"] == 151e3
    assert found["product_id"].to_list() == whole.firms["product_id"].to_list()
    assert dict(found.select("firm_id", "product_before_id").rows()) == BEST | {"f6": None}


def test_a_firm_that_is_there_already_is_refused(files, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text("\n".join(FIRMS.splitlines()[:2]) + "\n", "utf8")
    with pytest.raises(InvalidInput, match="f3"):
        add(files(), new, tmp_path / "out")


def test_firms_are_not_added_where_capacity_is_yuan(files, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text(FIRMS.splitlines()[0] + "\nf9,C39,31,growth,1,0.1,0.05,\n", "utf8")
    products = PRODUCTS.replace("places_n", "capacity_cny")
    with pytest.raises(InvalidInput, match="market match"):
        add(files(products=products), new, tmp_path / "out")
