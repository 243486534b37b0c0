"""Words of a split, Chinese and English."""

from collections.abc import Iterator, Mapping
from typing import Any

from techflow.pool import Scheme
from techflow_service.scheme_telling import WORDS, Lang

PROBLEM_WORDS: Mapping[str, tuple[str, str]] = {
    "loan_unusable": (
        "贷款金额缺失、不为正或过大",
        "loan missing, not above 0 or too large",
    ),
    "loss_unusable": ("损失金额为负、非数或过大", "the loss is below 0, no number or too large"),
    "loss_above_loan": ("损失大于贷款金额", "the loss is above the loan"),
    "fact_unknown": (
        "确定比例或范围所需的信息缺失",
        "a fact of share or scope is missing",
    ),
    "loan_id_missing": ("贷款编号缺失", "loan_id is missing"),
    "loan_id_twice": ("贷款编号重复", "loan_id occurs more than once"),
    "id_missing": ("企业、银行或担保机构编号缺失", "the id of firm, bank or guarantor is missing"),
    "filed_on_missing": ("备案日期缺失", "filed_on is missing"),
    "filed_outside_scheme": ("备案日期不在办法有效期内", "filed when the scheme was not in force"),
    "claimed_on_missing": ("有损失但无申请日期", "there is a loss but no claimed_on"),
    "claimed_before_filed": ("申请日期早于备案日期", "claimed before it was filed"),
    "recovered_unusable": (
        "追偿金额为负、非数或过大",
        "recovered is below 0 or no number",
    ),
    "recovered_without_claim": ("有追偿但无损失", "recovered without a loss"),
    "recovered_above_loss": ("追偿金额大于损失", "recovered more than the loss"),
    "recovered_on_missing": ("有追偿但无日期", "recovered but no recovered_on"),
    "recovered_before_claimed": ("追偿日期早于申请日期", "recovered before it was claimed"),
}
LINES: Mapping[str, tuple[str, str]] = {
    "head": ("{name}，按 {on} 的规则", "{name}, rules of {on}"),
    "book": (
        "贷款 {loans_n} 笔（范围内 {in_scope_n} 笔，本金 {filed}）；"
        "申请 {claims_n} 笔，损失 {loss}；追偿 {recoveries_n} 笔，{recovered}",
        "{loans_n} loans ({in_scope_n} in scope, principal {filed}); "
        "{claims_n} claims, loss {loss}; {recoveries_n} recoveries, {recovered}",
    ),
    "party": ("净承担", "bears, net"),
    "exact": ("各方之和与损失不符的笔数：{n}", "claims whose parts do not add to the loss: {n}"),
    "aside": ("搁置 {n} 行", "{n} rows put aside"),
    "bound": ("触及限额或熔断", "bounds that held"),
    "claims": ("{n} 笔，自 {first}", "{n} claims, from {first}"),
    "line": ("线 {fen}", "line {fen}"),
    "no_line": ("线 0：当年无备案", "line 0: nothing filed that year"),
    "purse": ("资金来源", "purses"),
    "lost": (
        "投入 {paid_in}，已损失 {lost}，余 {left}",
        "{paid_in} paid in, {lost} lost, {left} left",
    ),
    "leverage": (
        "备案本金为资金的 {now:.2f} 倍，上限 {most:g} 倍",
        "principal filed is {now:.2f} times the purse, at most {most:g}",
    ),
}


def cause_words(scheme: Scheme, cause: int) -> tuple[str, str]:
    """What kept a party from paying, Chinese and English.

    Args:
        scheme: The scheme.
        cause: See `Flows.cause`.
    """
    if cause == 1:
        return "单笔上限", "cap per loan"
    if cause >= 1000:
        scope = WORDS[scheme.breakers[cause - 1000].scope]
        return f"熔断（{scope[0]}）", f"circuit breaker ({scope[1]})"
    caps = [cap for cap in scheme.caps if cap.scope != "loan"]
    if cause - 2 >= len(caps):
        return "资金用尽", "the purse is empty"
    scope, period = WORDS[caps[cause - 2].scope], WORDS[caps[cause - 2].period]
    return f"上限（{scope[0]}，{period[0]}）", f"cap ({scope[1]}, {period[1]})"


def tell_split(summary: Mapping[str, Any], lang: Lang) -> str:
    """The summary of a split for a person.

    Args:
        summary: Result of `split_file`.
        lang: Language.
    """
    return "\n".join(_tell(summary, lang))


def _tell(summary: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    place, currency = ("zh", "en").index(lang), summary["scheme"]["currency"]
    line = {name: pair[place] for name, pair in LINES.items()}
    amounts = {
        name: _money(summary[f"{name}_fen"], currency) for name in ("filed", "loss", "recovered")
    }
    names = {party["id"]: party[lang] for party in summary["scheme"]["parties"]}
    yield line["head"].format(name=summary["scheme"][lang], on=summary["on"])
    yield line["book"].format(**summary, **amounts)
    for party in summary["scheme"]["parties"]:
        net = summary["net_fen"][party["id"]]
        yield f"  {party[lang]} {line['party']} {_money(net, currency)}"
    yield line["exact"].format(n=summary["off_by_a_fen_n"])
    if summary["bounds"]:
        yield f"{line['bound']}:"
    for row in summary["bounds"]:
        who = " ".join(str(part) for part in (row["key"], row["year"]) if part is not None)
        told = line["claims"].format(n=row["claims_n"], first=row["first_on"])
        if row["line_fen"] is not None:
            word = line["line" if row["line_fen"] else "no_line"]
            told += "; " + word.format(fen=_money(row["line_fen"], currency))
        yield f"  {names[row['party']]}, {row[lang]} {who}".rstrip() + f": {told}"
    if summary["purses"]:
        yield f"{line['purse']}:"
    for own in summary["purses"]:
        parts = {n: _money(own[f"{n}_fen"], currency) for n in ("paid_in", "lost", "left")}
        yield f"  {WORDS[own['source']][place]}: {line['lost'].format(**parts)}"
    paid_in = sum(own["paid_in_fen"] for own in summary["purses"])
    if summary["leverage_max"] and paid_in:
        now = summary["filed_fen"] / paid_in
        yield line["leverage"].format(now=now, most=summary["leverage_max"])
    if summary["aside_n"]:
        yield f"{line['aside'].format(n=summary['aside_n'])}:"
    for code, n in summary["aside"].items():
        yield f"  {PROBLEM_WORDS[code][place]}: {n}"


def _money(fen: int, currency: str) -> str:
    sign, whole = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02d} {currency}"
