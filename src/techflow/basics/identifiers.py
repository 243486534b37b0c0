"""Identifiers: checked as the standards say, spelled one way.

`CHECKERS` holds one function for each name used in the `check` field of the dictionary: text in,
`Problem` or None out. `NORMALISERS` holds, under the same names, the function that brings a
value to its canonical spelling first. Checks look at structure and check digits, never at a
register: a code that passes may still belong to nobody.

Schemes of `firm_id`:

| scheme | rest | example |
|---|---|---|
| `cn.uscc:` | unified social credit code, checked | `cn.uscc:91350100M000100Y43` |
| `kr.stock:` | six characters of the Korean stock code | `kr.stock:005930` |
| `cumcm:` | firm of the contest set, E and a number | `cumcm:E17` |
| `sample:` | firm of a synthetic economy | `sample:000042` |
| `own:` | your own id: up to 80 characters without spaces | `own:A-001` |

A value without a scheme becomes `cn.uscc:` if it has 18 letters and digits, `own:` otherwise.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from techflow.basics.codes import (
    COUNTRIES,
    COUNTRY_WORDS,
    CURRENCIES,
    CURRENCY_WORDS,
    DIVISIONS,
    PROVINCES,
)
from techflow.basics.patent_numbers import check_patent_id, normalise_patent_id
from techflow.basics.problem import Problem, tidy_code

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC = re.compile(rf"[{USCC_ALPHABET}]{{2}}\d{{6}}[{USCC_ALPHABET}]{{10}}", re.ASCII)
_SYMBOL = r"[A-HY]\d{2}[A-Z](?:\d{1,4}/\d{2,6})?"
_SYMBOLS = re.compile(rf"{_SYMBOL}(?:;{_SYMBOL})*", re.ASCII)
_FIRM_SCHEMES = {
    "kr.stock": re.compile(r"[0-9A-Z]{6}"),
    "cumcm": re.compile(r"E[1-9]\d*", re.ASCII),
    "sample": re.compile(r"[0-9A-Za-z_.-]{1,40}"),
    "own": re.compile(r"[^\s\x00-\x1f\x7f]{1,80}"),
}


def uscc_check(body: str) -> str:
    """Check character of a unified social credit code.

    Args:
        body: The first 17 characters.

    Source:
        GB 32100-2015: 31 characters without I O S V Z, weights 3^(i-1) mod 31.

    Examples:
        >>> uscc_check("91350100M000100Y4")
        '3'
    """
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """Check character of an organisation code, characters 9 to 17 of a credit code.

    Args:
        body: The first 8 characters; letters count from A = 10.

    Source:
        GB 11714-1997: weights 3 7 9 10 5 8 4 2, 11 minus the sum modulo 11, 10 is X, 11 is 0.

    Examples:
        >>> organisation_check("M000100Y")
        '4'
    """
    total = sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def check_uscc(text: str) -> Problem | None:
    """What is wrong with a unified social credit code, or None.

    Examples:
        >>> check_uscc("91350100M000100Y43") is None
        True
        >>> check_uscc("91350100M000100Y4A").en
        'wrong check character in the credit code: the last one should be 3'
    """
    if not _USCC.fullmatch(text):
        return Problem(
            "bad_uscc",
            "统一社会信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字",
            "a unified social credit code has 18 digits and letters (no I, O, S, V, Z); "
            "characters 3 to 8 are digits",
        )
    if text[16] != organisation_check(text[8:16]):
        return Problem(
            "bad_uscc",
            "统一社会信用代码中的组织机构代码（第 9 至 17 位）校验位错误",
            "wrong check character in the organisation code (characters 9 to 17) "
            "of the credit code",
        )
    expected = uscc_check(text[:17])
    if text[17] == expected:
        return None
    return Problem(
        "bad_uscc",
        f"统一社会信用代码校验位错误：最后一位应为 {expected}",
        f"wrong check character in the credit code: the last one should be {expected}",
    )


def check_division(text: str) -> Problem | None:
    """What is wrong with a GB/T 2260 division code, or None.

    Examples:
        >>> check_division("440305") is None, check_division("990000").code
        (True, 'bad_division')
    """
    digits = len(text) == 6 and text.isascii() and text.isdigit()
    if digits and text[:2] in PROVINCES and (text[2:4] != "00" or text[4:] == "00"):
        return None
    return Problem(
        "bad_division",
        "不是行政区划代码：应为 6 位数字，如 440305（前两位为省级，市级为 00 时县级也为 00）",
        "not a division code: expected 6 digits such as 440305 (two for the province; "
        "no county without a city)",
    )


def check_industry(text: str) -> Problem | None:
    """What is wrong with a GB/T 4754-2017 industry code, or None.

    Examples:
        >>> check_industry("C3911") is None, check_industry("C6510").code
        (True, 'bad_industry')
    """
    found = re.fullmatch(r"([A-T])(\d{2})\d{0,2}", text, re.ASCII)
    if found and int(found[2]) in DIVISIONS[found[1]]:
        return None
    return Problem(
        "bad_industry",
        "不是国民经济行业代码：应为门类字母加 2 至 4 位数字，且大类属于该门类，如 C3911",
        "not an industry code: expected the section letter and 2 to 4 digits within that "
        "section, such as C3911",
    )


def check_ipc(text: str) -> Problem | None:
    """What is wrong with IPC or CPC symbols (several parted by semicolons), or None.

    Examples:
        >>> check_ipc("H01L21/02;G06F") is None, check_ipc("Z99").code
        (True, 'bad_ipc')
    """
    if _SYMBOLS.fullmatch(text):
        return None
    return Problem(
        "bad_ipc",
        "不是 IPC/CPC 分类号：应如 H01L 或 H01L 21/02，多个用分号分隔",
        "not an IPC or CPC symbol: expected H01L or H01L 21/02, several parted by semicolons",
    )


def check_currency(text: str) -> Problem | None:
    """What is wrong with an ISO 4217 currency code, or None."""
    if text in CURRENCIES:
        return None
    return Problem(
        "bad_currency",
        "不是币种代码：应为 3 个字母，如 CNY",
        "not a currency code: expected 3 letters such as CNY",
    )


def check_country(text: str) -> Problem | None:
    """What is wrong with an ISO 3166-1 alpha-2 country code, or None."""
    if text in COUNTRIES:
        return None
    return Problem(
        "bad_country",
        "不是国家代码：应为 2 个字母，如 CN",
        "not a country code: expected 2 letters such as CN",
    )


def normalise_firm_id(text: str) -> str:
    """A firm id with its scheme: the scheme in lower case, credit codes tidied.

    Examples:
        >>> normalise_firm_id("91350100m000100y43"), normalise_firm_id("A-001")
        ('cn.uscc:91350100M000100Y43', 'own:A-001')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    scheme, colon, rest = plain.partition(":")
    if not colon:
        code = tidy_code(plain)
        is_code = re.fullmatch(r"[0-9A-Z]{18}", code)
        return f"cn.uscc:{code}" if is_code else f"own:{plain}"
    scheme = scheme.strip().lower()
    return f"{scheme}:{tidy_code(rest) if scheme == 'cn.uscc' else rest.strip()}"


def check_firm_id(text: str) -> Problem | None:
    """What is wrong with a firm id, or None.

    Examples:
        >>> check_firm_id("kr.stock:005930") is None, check_firm_id("tax:1").code
        (True, 'bad_firm_id')
    """
    scheme, _, rest = text.partition(":")
    if scheme == "cn.uscc":
        return check_uscc(rest)
    pattern = _FIRM_SCHEMES.get(scheme)
    if pattern and pattern.fullmatch(rest):
        return None
    return Problem(
        "bad_firm_id",
        "企业编号应带编号体系：cn.uscc:、kr.stock:、cumcm:、sample: 或 own:（自有编号，不含空格）",
        "a firm id carries its scheme: cn.uscc:, kr.stock:, cumcm:, sample: or own: "
        "(your own ids, no spaces)",
    )


def _look_up(words: Mapping[str, str]) -> Callable[[str], str]:
    return lambda text: words.get(tidy_code(text), tidy_code(text))


CHECKERS: Mapping[str, Callable[[str], Problem | None]] = {
    "firm_id": check_firm_id,
    "uscc": check_uscc,
    "country": check_country,
    "division": check_division,
    "industry": check_industry,
    "patent_id": check_patent_id,
    "ipc": check_ipc,
    "currency": check_currency,
}
NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "firm_id": normalise_firm_id,
    "uscc": tidy_code,
    "country": _look_up(COUNTRY_WORDS),
    "division": tidy_code,
    "industry": tidy_code,
    "patent_id": normalise_patent_id,
    "ipc": lambda text: tidy_code(text).rstrip(";"),
    "currency": _look_up(CURRENCY_WORDS),
}
