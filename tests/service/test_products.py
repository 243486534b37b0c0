"""Products as folders: those that come along are well formed; broken ones say what is wrong."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from techflow.basics import InvalidInput, NotInForce
from techflow_service.cli import techflow
from techflow_service.policies import load_laws
from techflow_service.products import load_products

ABOUT = """
id = "park-loan"
zh = "园区贷"
en = "Park loan"
kind = "loan"
provider = "bank"
"""
PARAMS = """
[amount_cny_max]
zh = "额度上限"
en = "Most"
unit = "cny"
values = [{ since = 2024-01-01, value = 3_000_000, status = "proposal", reference = "自拟 / own" }]
"""


def write(parent, about=ABOUT, params=PARAMS, name="park_loan"):
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "product.toml").write_text(about, "utf8")
    (folder / "params.toml").write_text(params, "utf8")
    return parent


def test_the_products_that_come_along_hold_together():
    found = load_products(policies=load_laws())
    assert {"working-capital", "ip-pledge-loan", "special-guarantee-loan"} <= set(found)
    for product in found.values():
        assert product.documents, f"{product.id} says nothing of documents"
        assert product.at(date(2026, 6, 30))


def test_terms_go_by_date():
    """财金〔2024〕60号: from 10 to 30 million yuan on 2024-07-24."""
    guarantee = load_products()["special-guarantee-loan"]
    assert guarantee.at(date(2024, 7, 23))["amount_cny_max"] == 10_000_000
    assert guarantee.at(date(2024, 7, 24))["amount_cny_max"] == 30_000_000
    assert "fee_rate_pa" not in guarantee.at(date(2024, 7, 23))
    with pytest.raises(NotInForce, match="2010"):
        guarantee.at(date(2010, 1, 1))


def test_a_folder_of_ones_own_stands_for_the_installation(tmp_path):
    assert set(load_products(write(tmp_path))) == {"park-loan"}
    done = CliRunner().invoke(techflow, ["product", "list", "--from", str(tmp_path), "--json"])
    assert [row["id"] for row in json.loads(done.stdout)] == ["park-loan"]


ZERO = PARAMS.replace("amount_cny_max", "capacity_n").replace("3_000_000", "0")
NEGATIVE = PARAMS.replace("3_000_000", "-1")
LEAST = PARAMS.replace("amount_cny_max", "amount_cny_min").replace("3_000_000", "5_000_000")
UNKNOWN = '[[qualification]]\nany_of = ["cn.no_such"]\n'
BROKEN = [
    (ABOUT.replace('provider = "bank"\n', ""), PARAMS, "provider is missing"),
    (ABOUT.replace('"bank"', '"uncle"'), PARAMS, "provider must be one of bank"),
    (ABOUT.replace('"loan"', '"gift"'), PARAMS, "kind must be one of loan"),
    (ABOUT + 'stages = ["old"]\n', PARAMS, "stages must be one of start_up"),
    (ABOUT + '[[requires]]\nfact = "x"\nzh = "一"\nen = "a"\n', PARAMS, "without low or high"),
    (ABOUT + UNKNOWN, PARAMS, "no such policy"),
    (ABOUT.replace("park-loan", "pork-loan"), PARAMS, "name of the folder"),
    (ABOUT, ZERO, "nobody can have it"),
    (ABOUT, NEGATIVE, "must be 0 or more; got -1"),
    (ABOUT, PARAMS + LEAST, "amount_cny_min 5000000 is above amount_cny_max 3000000"),
    (ABOUT, PARAMS + "[", "is not TOML"),
]


@pytest.mark.parametrize(("about", "params", "said"), BROKEN, ids=[said for *_, said in BROKEN])
def test_a_broken_product_says_what_is_wrong(tmp_path, about, params, said):
    with pytest.raises(InvalidInput, match=said):
        load_products(write(tmp_path, about, params), policies=load_laws())


def test_absent_folders_and_files_are_named(tmp_path):
    with pytest.raises(InvalidInput, match="no folder"):
        load_products(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="holds no product"):
        load_products(tmp_path)
    write(tmp_path)
    (tmp_path / "park_loan" / "params.toml").unlink()
    with pytest.raises(InvalidInput, match="is not there"):
        load_products(tmp_path)


@pytest.mark.parametrize(("lang", "word"), [("zh", "担保费率"), ("en", "Guarantee fee")])
def test_show_tells_terms_with_source_and_mark(lang, word):
    words = ["product", "show", "special-guarantee-loan", "--on", "2026-06-30", "--lang", lang]
    done = CliRunner().invoke(techflow, words, catch_exceptions=False)
    assert word in done.stdout
    assert "[text] 2024-07-24" in done.stdout
    assert "30,000,000 cny" in done.stdout
