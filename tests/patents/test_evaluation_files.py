"""The commands on a register: whole life of a certificate, and a file that was touched."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from techflow.basics import InvalidInput
from techflow.patents import evaluation_entries, evaluation_register
from techflow.patents.evaluation_register import verify_register
from techflow_service.cli import techflow
from techflow_service.valuing.certificates import parse_chain, read_content

WHO = {"accredited_by": "bureau", "methods": ["income"], "since": "2026-01-01", "until": None}
REQUEST = {
    "request_id": "r1",
    "patent_id": "p1",
    "requested_by": "bank",
    "requested_on": "2026-02-01",
    "purpose": "pledge",
}


def run(*words):
    words = ["patents", "certificate", *map(str, words)]
    return CliRunner().invoke(techflow, words, catch_exceptions=False)


def add(folder, command, content, *more):
    (folder / "in.json").write_text(json.dumps(content), "utf8")
    words = [folder / "in.json", "--register", folder / "r.jsonl", "--on", "2026-06-30", *more]
    return json.loads(run(command, *words).output)


def add_raw(folder):
    return run("accredit", folder / "in.json", "--register", folder / "r", "--on", "2026-01-01")


def certificate(name, value, **more):
    found = {"request": REQUEST, "evaluator_id": name, "method": "income", "model_hash": "a" * 64}
    found |= {"inputs": {"revenue_cny": 1}, "result": {"value_cny": value}}
    return {**found, "evaluated_on": "2026-03-01", **more}


@pytest.fixture
def book(tmp_path):
    for name in "abcd":
        add(tmp_path, "accredit", {"evaluator_id": name, **WHO})
    hashes = [
        add(tmp_path, "issue", certificate(name, value))["certificate_hash"]
        for name, value in zip("abcd", (90.0, 100.0, 110.0, 900.0), strict=True)
    ]
    against = {"objection_id": "o", "certificate_hash": hashes[0], "filed_by": "firm"}
    add(tmp_path, "object", {**against, "filed_on": "2026-04-01", "reason": "too low"})
    ruling = {"objection_id": "o", "decided_by": "panel", "decided_on": "2026-05-01"}
    add(tmp_path, "decide", {**ruling, "decision": "upheld", "reason": "it is"})
    add(tmp_path, "issue", certificate("a", 95.0, supersedes=hashes[0]))
    return tmp_path


def verify(book, *more):
    return run("verify", book / "r.jsonl", "--json", *more)


def test_life_of_a_certificate(book):
    done = verify(book)
    told = json.loads(done.output)
    assert (done.exit_code, told["entries_n"], told["faults"]) == (0, 11, [])
    assert verify(book, "--head", told["head"]).exit_code == 0
    run("dispersion", book / "r.jsonl", "--out", book / "out")
    found = pl.read_parquet(book / "out/patents.parquet").row(0, named=True)
    # The annulled 90 does not count, the 95 that replaced it does.
    assert found["value_median_cny"] == 105 and found["evaluators_n"] == 4
    assert found["outliers_n"] == 1
    rows = pl.read_parquet(book / "out/evaluations.parquet")
    assert rows.filter("outlier")["evaluator_id"].to_list() == ["d"]


@pytest.mark.parametrize(
    "touch, code",
    [
        (lambda lines: [lines[0].replace("bureau", "friend"), *lines[1:]], "entry_changed"),
        (lambda lines: lines[1:], "wrong_number"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "chain_broken"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "wrong_number"),
        (lambda lines: [lines[0].replace(":", ": ", 1), *lines[1:]], "not_canonical"),
        (lambda lines: ["", *lines], "not_an_entry"),
        (lambda lines: ["[1]", *lines], "not_an_entry"),
        (lambda lines: [*lines, '{"entry'], "torn_line"),
        (lambda lines: lines[:-1], "head_differs"),
    ],
)
def test_a_touched_file_is_found_and_nothing_is_added_to_it(book, touch, code):
    head = json.loads(verify(book).output)["head"]
    path = book / "r.jsonl"
    lines = touch(path.read_text("utf8").splitlines())
    text = "\n".join(lines) + ("" if code == "torn_line" else "\n")
    path.write_text(text, "utf8")
    done = verify(book, "--head", head)
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert code in {fault["code"] for fault in told["faults"]}
    assert all(fault["reason_zh"] and fault["reason_en"] for fault in told["faults"])
    if code != "head_differs":
        with pytest.raises(InvalidInput, match="nothing is added"):
            add(book, "accredit", {"evaluator_id": "z", **WHO})
        assert path.read_text("utf8") == text


def test_a_refused_entry_says_why_in_both_languages(book):
    before = (book / "r.jsonl").read_bytes()
    with pytest.raises(InvalidInput, match=r"not_accredited: 评估机构.* / the evaluator was not"):
        add(book, "issue", certificate("z", 1.0))
    assert (book / "r.jsonl").read_bytes() == before


def test_a_flipped_byte_anywhere_is_found(book):
    content = (book / "r.jsonl").read_bytes()

    @settings(deadline=None, max_examples=33)
    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    def flip(place, bits):
        touched = bytearray(content)
        touched[place] ^= bits
        chain = parse_chain(bytes(touched))
        assert [*chain.faults, *verify_register(chain.entries)]

    flip()
    whole = parse_chain(content)
    assert not [*whole.faults, *verify_register(whole.entries)]


def test_the_model_is_hashed(tmp_path):
    (tmp_path / "m.toml").write_bytes(b"abc")
    add(tmp_path, "accredit", {"evaluator_id": "a", **WHO})
    add(tmp_path, "issue", certificate("a", 1.0), "--model", tmp_path / "m.toml")
    line = json.loads((tmp_path / "r.jsonl").read_text("utf8").splitlines()[1])
    # FIPS 180-4, the hash of "abc".
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert line["content"]["model_hash"] == digest


def test_a_file_that_is_no_object_is_named(tmp_path):
    for text in ("[1]", "{", ""):
        (tmp_path / "in.json").write_text(text, "utf8")
        with pytest.raises(InvalidInput, match=r"in\.json: expected one JSON object"):
            run(
                "accredit", tmp_path / "in.json", "--register", tmp_path / "r", "--on", "2026-01-01"
            )


def test_every_code_has_words():
    modules = (evaluation_entries, evaluation_register)
    source = "".join(Path(module.__file__).read_text("utf8") for module in modules)
    for code in read_content()["fault"]:
        assert f'"{code}"' in source or code in ("not_canonical", "torn_line"), code
