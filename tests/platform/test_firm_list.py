"""The list of firms against the same rows sorted and filtered in Python."""

import csv
import io
import math
import re
from urllib.parse import unquote

import pytest

LINK = re.compile(r'href="/firms/([^"?]+)["?]')
NEXT = re.compile(r'class="button" href="([^"]+)"')


@pytest.fixture(scope="module")
def book(world):
    """130 firms, some without limit and grade; a member of a bank that may see all but ten."""
    run, bank = world.run(), world.org()
    rows = []
    for number in range(130):
        firm_id = world.firm(run, parts=())
        limit = None if number % 7 == 0 else float(number % 40) * 1e5 + 0.25
        fields = {"limit_lcy": limit, "grade": f"TF{number % 5}", "grade_rank": number % 5}
        fields |= {"search": f"公司{number} gongsi{number} {firm_id}", "region_code": "440300"}
        fields["steps_up"] = (None, 0, -1, 1)[number % 4]
        world.models.Standing.objects.using("owner").filter(run=run, firm_id=firm_id).update(
            **fields
        )
        if number >= 10:
            world.consent(firm_id, bank)
            rows.append({"firm_id": firm_id, "number": number} | fields)
    return {"rows": rows, "client": world.client(world.member("credit_officer", bank))}


def walk(client, address):
    """Firms of all pages in order."""
    found = []
    while address:
        page = client.get(address.replace("&amp;", "&")).content.decode()
        found += [unquote(one) for one in LINK.findall(page)]
        following = NEXT.search(page)
        address = following and following[1]
    return found


def expected(rows, key):
    return [row["firm_id"] for row in sorted(rows, key=lambda row: (key(row), row["firm_id"]))]


def test_pages_hold_every_row_once_in_order(book):
    by_limit = expected(
        book["rows"], lambda row: math.inf if row["limit_lcy"] is None else -row["limit_lcy"]
    )
    assert walk(book["client"], "/firms") == by_limit
    by_grade = expected(book["rows"], lambda row: row["grade_rank"])
    assert walk(book["client"], "/firms?sort=grade") == by_grade


def test_filters_and_search(book):
    wanted = {row["firm_id"] for row in book["rows"] if row["grade"] == "TF3"}
    assert set(walk(book["client"], "/firms?grade=TF3")) == wanted
    wanted = {row["firm_id"] for row in book["rows"] if row["steps_up"] == -1}
    assert wanted and set(walk(book["client"], "/firms?moved=down&sort=name")) == wanted
    wanted = {row["firm_id"] for row in book["rows"] if str(row["number"]).startswith("12")}
    assert set(walk(book["client"], "/firms?q=GONGSI12")) == wanted
    assert walk(book["client"], "/firms?q=gongsi3&region=11") == []


@pytest.mark.parametrize(
    "address",
    ["/firms?sort=password", "/firms?after=x|y", "/firms?after=nonsense", "/firms?as_of=never",
     "/firms?sort=grade&after=inf|x", "/firms?region=4%27", "/firms?q=%25%5C",
     "/firms?after=nan|z", "/firms?q=" + "x" * 5000],
)  # fmt: skip
def test_nonsense_in_an_address_is_no_error(book, address):
    assert book["client"].get(address).status_code == 200


def test_the_file_holds_the_same_rows_and_no_formula(book, world):
    from techflow_service.platform.models import Standing

    firm_id = book["rows"][0]["firm_id"]
    Standing.objects.using("owner").filter(firm_id=firm_id).update(name="=1+1")
    text = book["client"].get("/firms.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert sorted(row[0] for row in rows) == sorted(row["firm_id"] for row in book["rows"])
    assert next(row[1] for row in rows if row[0] == firm_id) == "'=1+1"


def test_a_page_records_the_firms_it_shows_and_no_other(book, world):
    looks = world.models.Reading.objects.using("owner").filter(route="firms")
    before = set(looks.values_list("pk", flat=True))
    shown = {unquote(one) for one in LINK.findall(book["client"].get("/firms").content.decode())}
    recorded = looks.exclude(pk__in=before).values_list("firm_id", flat=True)
    assert len(shown) == 50
    assert sorted(recorded) == sorted(shown)
