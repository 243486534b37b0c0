"""Texts written for the test; amounts by hand, resemblance by counting shingles by hand."""

import pytest

from techflow.disclosure import Item, compare_stated, read_stated, wording_change

ITEMS = [
    Item("revenue_lcy", ("营业收入",), ("revenue",)),
    Item("net_income_lcy", ("净利润",), ("net income",)),
    Item("net_income_lcy", ("净亏损",), ("net loss",), -1.0),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公司实现营业收入1.25亿元，净利润-300.5万元。", [1.25e8, -3.005e6]),
        ("净亏损为2,000万元", [-2e7]),
        ("营业收入12,345,678.90元", [12345678.90]),
        ("营业收入增长12.5%，达到3亿元", []),  # the first number behind the name is a share
        ("上年同期营业收入1亿元", []),
        ("营业收入较上年的1亿元", []),
        ("营业收入保持稳定", []),
        ("Revenue was RMB 1.2 billion and net loss of US$30 million.", [1.2e9, -3e7]),
        ("Revenue grew by 12 percent", []),
        ("In the prior year revenue was RMB 1.2 billion.", []),
    ],
)
def test_what_is_read(text, expected):
    assert [one.amount for one in read_stated(text, items=ITEMS)] == pytest.approx(expected)


def test_the_tolerance_is_half_of_the_last_digit_written():
    (found,) = read_stated("营业收入1.25亿元", items=ITEMS)
    assert found.tolerance == 0.005e8
    for amount, ok in ((1.254e8, True), (1.246e8, True), (1.26e8, False), (None, None)):
        (compared,) = compare_stated([found], {"revenue_lcy": amount})
        assert compared["ok"] is ok
    assert compare_stated([found], {})[0]["difference_lcy"] is None


def test_wording():
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)]
    same, other = " ".join(words), " ".join([*words[:30], "new", *words[31:]])
    assert wording_change(same, same) == 0.0
    assert wording_change(same, same + " 123 45.6%") == 0.0
    # one word changes three of 58 shingles on each side: 55 shared of 61
    assert wording_change(same, other) == pytest.approx(1 - 55 / 61)
    assert wording_change("too short", same) is None


def test_wording_in_chinese_counts_characters():
    text = (
        "本公司主要从事水泵的研发生产与销售，产品用于农业灌溉和城市供水。报告期内未发生重大变化。"
    )
    assert wording_change(text, text.replace("水泵", "阀门")) > 0.0
    assert wording_change(text, text + "2023") == 0.0
