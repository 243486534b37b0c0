"""Words of a simulated scheme, Chinese and English."""

from collections.abc import Iterator, Mapping
from typing import Any

from techflow.credit import Words
from techflow_service.scheme_telling import Lang

UNITS = {"cny": Words("元", "yuan"), "usd": Words("美元", "dollars")}
EVENTS = {
    "emptied": Words("资金池用尽", "the purse is empty"),
    "tripped": Words("熔断", "a breaker has tripped"),
    "capped": Words("触及限额", "a cap is reached"),
}
LIMITS = (
    Words(
        "每家企业每年以给定的违约概率违约（存续期内不变），企业之间通过行业与地区因子相关；"
        "因子逐年自相关。评级迁移不另行模拟：差年份通过因子体现。",
        "Each firm defaults each year with its stated probability, the same for as long as the "
        "loan lives; firms hang together through factors of sector and region that remember the "
        "year before. Grades do not migrate by themselves: bad years come through the factors.",
    ),
    Words(
        "损失为扣除追偿后的本金损失，在违约当年申请；年内次序抽签决定。追偿不另计时间。",
        "A loss is what is lost of the principal after recoveries, claimed in the year of default; "
        "the order within a year is drawn by lot. The time recoveries take is not simulated.",
    ),
    Words(
        "资金池收取的费用与投资收益未计入资金池。",
        "Fees paid to the pool and what its money earns are not added to the purse.",
    ),
)
RENEWED = Words(
    "贷款为一年期，每年重新备案；违约企业由同类企业替代。",
    "Loans run for one year and are filed again each year; a firm that failed is replaced by its "
    "like.",
)


def money(amount: float, currency: str) -> Words:
    """An amount in words.

    Args:
        amount: In whole units.
        currency: `cny` or `usd`.
    """
    unit = UNITS[currency]
    return Words(f"{amount / 1e4:,.1f}万{unit.zh}", f"{amount / 1e6:,.3f} m {unit.en}")


def give(pair: Mapping[str, float], currency: str) -> Words:
    """An amount with its standard error.

    Args:
        pair: `value` and `error`.
        currency: `cny` or `usd`.
    """
    value, error, unit = pair["value"], pair["error"], UNITS[currency]
    return Words(
        f"{value / 1e4:,.1f} ± {error / 1e4:,.1f}万{unit.zh}",
        f"{value / 1e6:,.3f} ± {error / 1e6:,.3f} m {unit.en}",
    )


def rate(pair: Mapping[str, float]) -> str:
    """A share with its standard error."""
    return f"{pair['value']:.3%} ± {pair['error']:.3%}"


def tell_simulation(told: Mapping[str, Any], lang: Lang) -> str:
    """The result for a person.

    Args:
        told: Result of `simulate_file`.
        lang: Language.
    """
    place = ("zh", "en").index(lang)
    return "\n".join(pair[place] for pair in _lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    currency, book = told["scheme"]["currency"], told["book"]
    filed = money(book["filed"], currency)
    yield (
        f"{told['scheme']['zh']}，按{told['on']}的规则：{book['loans_n']:,}笔贷款，"
        f"备案本金{filed.zh}；{told['years_n']}年，{told['scenarios_n']:,}个情景"
        "（± 为标准误）",
        f"{told['scheme']['en']}, rules of {told['on']}: {book['loans_n']:,} loans, principal "
        f"filed {filed.en}; {told['years_n']} years, {told['scenarios_n']:,} scenarios "
        "(± is the standard error)",
    )
    for row in [{"zh": "全部损失", "en": "all losses", **told["loss"]}, *told["parties"]]:
        mean, var, es = (give(row[name], currency) for name in ("mean", "var", "es"))
        yield (
            f"  {row['zh']}：预期{mean.zh}，VaR {var.zh}，ES {es.zh}",
            f"  {row['en']}: expected {mean.en}, VaR {var.en}, ES {es.en}",
        )
    for row in told["years"]:
        yield (
            f"  第{row['year']}年末前："
            + "，".join(f"{words.zh} {rate(row[name])}" for name, words in EVENTS.items()),
            f"  by the end of year {row['year']}: "
            + ", ".join(f"{words.en} {rate(row[name])}" for name, words in EVENTS.items()),
        )
    for row in book["aside"]:
        yield (f"  搁置{row['n']}行：{row['zh']}", f"  {row['n']} rows put aside: {row['en']}")
