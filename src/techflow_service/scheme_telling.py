"""A settled scheme in words, Chinese and English."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal

from techflow.pool import Breaker, Cap, Layer, Limit, Part, Said, Scheme, Slot, bound_parties
from techflow_service.mark_words import LANGUAGES, tag_mark

Lang = Literal["zh", "en"]
WORDS: dict[str, tuple[str, str]] = {
    "principal_loss": ("贷款本金实际损失", "loss of principal"),
    "npl_balance": ("不良贷款余额", "balance of the non-performing loan"),
    "unrepaid_principal": ("未偿还本金", "principal not repaid"),
    "layers": ("分担（按顺序）", "Who bears what, in order"),
    "limits": ("纳入范围（超出的由最后一方承担）", "What comes in (else the last layer bears it)"),
    "caps": ("上限", "Caps"),
    "breakers": ("熔断", "Circuit breakers"),
    "funding": ("资金来源", "Who paid in"),
    "fees": ("费用", "Fees"),
    "recovery": ("追偿分配", "Recoveries"),
    "shared": ("分担对象", "Shared"),
    "rest": ("其余部分", "the rest"),
    "sum": ("合计", "sum of"),
    "best": ("取高", "highest of"),
    "at_most": ("不超过", "at most"),
    "if": ("，如", ", if "),
    "or": ("或", " or "),
    "by": ("按", "by"),
    "else": ("其余", "else"),
    "spill": ("超出上限或熔断后由其承担", "what is kept from it goes to"),
    "less": ("减其他层级已补偿", "less what others paid"),
    "of_loss": ("损失的", "of the loss"),
    "of_filed": ("其分担的备案本金的", "of its part of the principal filed"),
    "loan": ("单笔", "per loan"),
    "firm": ("单户", "per firm"),
    "bank": ("单家银行", "per bank"),
    "guarantor": ("单家担保机构", "per guarantor"),
    "scheme": ("全部", "whole scheme"),
    "life": ("累计", "in all"),
    "year": ("年度", "per year"),
    "cohort": ("按备案年度", "by year of filing"),
    "once": ("一次性", "once"),
    "with_claim": ("突破该线的一笔不付", "the claim that passes the line is not paid"),
    "before_claim": ("突破该线的一笔仍付", "the claim that passes the line is still paid"),
    "over": ("损失超过当年备案本金的", "losses of a year, over principal filed in it, above"),
    "over_cohort": (
        "当年备案贷款的损失超过其本金的",
        "losses of the loans filed in a year, over their principal, above",
    ),
    "stops": ("停付", "stops"),
    "central": ("中央", "central"),
    "province": ("省级", "province"),
    "city": ("市级", "city"),
    "county": ("县区", "county"),
    "social": ("社会资本", "social capital"),
    "order": ("受损顺序", "lost in order"),
    "a_year": ("每年补充", "again each year"),
    "return": ("约定回报", "return"),
    "exit": ("退出", "exit"),
    "leverage": ("杠杆上限", "Leverage at most"),
    "times": ("倍", "times"),
    "pay_days": ("申请后付款天数", "Days from claim to payment"),
    "then": ("，其后 ", ", then "),
    "pro_rata": ("按承担比例", "in proportion to what each bore"),
    "until": ("至", "until"),
}


def describe_scheme(scheme: Scheme) -> dict[str, Any]:
    """A settled scheme as plain data, each number with its source and mark.

    Args:
        scheme: The scheme with the numbers of a day.
    """
    head = {n: getattr(scheme, n) for n in ("id", "zh", "en", "issuer", "policy", "currency")}
    more = {n: getattr(scheme, n) for n in ("base", "reference", "mark", "note_zh", "note_en")}
    return {
        **head,
        **more,
        "since": str(scheme.since),
        "until": str(scheme.until) if scheme.until else None,
        "parties": [{n: getattr(p, n) for n in ("id", "zh", "en", "kind")} for p in scheme.parties],
        "zh_lines": list(_lines(scheme, "zh")),
        "en_lines": list(_lines(scheme, "en")),
        "numbers": [_plain(said) for said in scheme.said],
    }


def tell_scheme(scheme: Scheme, lang: Lang) -> str:
    """A settled scheme as text for a person.

    Args:
        scheme: The scheme with the numbers of a day.
        lang: Language.
    """
    return "\n".join(_lines(scheme, lang))


def _plain(said: Said) -> dict[str, Any]:
    return {
        "value": None if said.codes else float(said.value),
        "cuts": [[cut.op, float(cut.at), float(cut.gives)] for cut in said.cuts],
        "codes": list(said.codes),
        "unit": said.unit,
        "reference": said.reference,
        "mark": said.mark,
        "since": str(said.since) if said.since else None,
        "policy": said.ref.policy if said.ref else None,
        "param": said.ref.param if said.ref else None,
    }


def _lines(scheme: Scheme, lang: Lang) -> Iterator[str]:
    say = _Words(scheme, lang)
    until = f" {say('until')} {scheme.until}" if scheme.until else ""
    mark = tag_mark(str(scheme.mark), lang)
    yield f"{scheme.id}  {getattr(scheme, lang)}  [{mark}] {scheme.since}{until}"
    yield f"{scheme.reference}; {scheme.issuer}"
    yield f"{say('shared')}: {say(scheme.base)}"
    for title, rows in (
        ("layers", [say._layer(layer) for layer in scheme.layers]),
        ("limits", [say._limit(limit) for limit in scheme.limits]),
        ("caps", [say._cap(cap) for cap in scheme.caps]),
        ("breakers", [say._breaker(breaker) for breaker in scheme.breakers]),
        ("funding", [say._fund(fund) for fund in scheme.funding]),
        ("fees", [say._fee(fee) for fee in scheme.fees]),
        ("recovery", [say._recovery()]),
    ):
        if rows:
            yield f"{say(title)}:"
            yield from (f"  {row}" for row in rows)
    if scheme.leverage:
        yield f"{say('leverage')}: {say._number(scheme.leverage)}"
    if scheme.pay_days:
        yield f"{say('pay_days')}: {say._number(scheme.pay_days)}"
    if note := getattr(scheme, f"note_{lang}"):
        yield note


class _Words:
    """The words of one scheme in one language."""

    def __init__(self, scheme: Scheme, lang: Lang) -> None:
        self.scheme, self.place = scheme, ("zh", "en").index(lang)
        self.names = {party.id: getattr(party, lang) for party in scheme.parties}
        self.bound = bound_parties(scheme)

    def __call__(self, word: str) -> str:
        return WORDS[word][self.place] if word in WORDS else word

    def _layer(self, layer: Layer) -> str:
        text = self("rest")
        if layer.parts:
            parts = "; ".join(self._part(part) for part in layer.parts)
            text = parts if len(layer.parts) == 1 else f"{self(layer.combine)} ({parts})"
        if layer.share_max:
            text += f", {self('at_most')} {self._number(layer.share_max)}"
        if layer.party in self.bound:
            text += f"; {self('spill')} {self.names[layer.spill]}"
        return f"{self.names[layer.party]}: {text}"

    def _part(self, part: Part) -> str:
        by = f" {self('by')} {' / '.join(part.by)}" if part.by else ""
        tests = [*part.flags]
        if isinstance(part.codes, Said):
            tests.append(f"{part.column} = {'|'.join(part.codes.codes)}")
        when = f"{self('if')}{self('or').join(tests)}" if tests else ""
        return f"{self._number(part.share)}{by}{when}"

    def _limit(self, limit: Limit) -> str:
        if isinstance(limit.codes, Said):
            return f"{limit.fact} = {' | '.join(limit.codes.codes)} {self._source(limit.codes)}"
        text = f"{limit.fact} {self('at_most')} {self._number(limit.most)}"
        if limit.raised:
            text += f"; {self._number(limit.raised)}{self('if')}{self('or').join(limit.flags)}"
        return text

    def _cap(self, cap: Cap) -> str:
        of = ""
        if isinstance(cap.amount, Said) and cap.amount.unit == "share":
            of = f"{self('of_loss' if cap.scope == 'loan' else 'of_filed')} "
        less = f", {self('less')} ({cap.less})" if cap.less else ""
        where = self(cap.scope) if cap.scope == "loan" else f"{self(cap.scope)}, {self(cap.period)}"
        return f"{self.names[cap.party]}, {where}: {of}{self._number(cap.amount)}{less}"

    def _breaker(self, breaker: Breaker) -> str:
        who = ", ".join(self.names[party] for party in breaker.stops)
        over = "over" if breaker.period == "year" else "over_cohort"
        rate = f"{self(breaker.scope)}: {self(over)} {self._number(breaker.rate)}"
        return f"{rate} -> {who} {self('stops')}; {self(breaker.counts)}"

    def _fund(self, fund: Any) -> str:
        text = f"{self(fund.source)} -> {self.names[fund.party]}: {self._number(fund.amount)}"
        text += f"; {self('order')} {fund.order}"
        for word, slot in (("a_year", fund.a_year), ("return", fund.return_pa)):
            text += f"; {self(word)} {self._number(slot)}" if slot else ""
        leaves = (fund.exit_zh, fund.exit_en)[self.place]
        return f"{text}; {self('exit')}: {leaves}" if leaves else text

    def _fee(self, fee: Any) -> str:
        names = (self.names.get(who, who) for who in (fee.payer, fee.payee))
        name = (fee.zh, fee.en)[self.place]
        return f"{name} ({' -> '.join(names)}): {self._number(fee.rate)}, {self(fee.per)}"

    def _recovery(self) -> str:
        groups = (" + ".join(self.names[who] for who in group) for group in self.scheme.recovery)
        mark = self._mark(self.scheme.recovery_mark)
        return f"{self('then').join(groups)}; {self('pro_rata')} [{mark}]"

    def _number(self, slot: Slot | None) -> str:
        if not isinstance(slot, Said):
            return "-"
        if not slot.cuts:
            return f"{self._value(slot.value, slot.unit)} {self._source(slot)}"
        at_unit = "share" if slot.unit == "share" else "money"
        steps = [
            f"{cut.op} {self._value(cut.at, at_unit)}: {self._value(cut.gives, 'share')}"
            for cut in slot.cuts
        ]
        rest = f"{self('else')} {self._value(slot.value, 'share')}"
        return f"{', '.join([*steps, rest])} {self._source(slot)}"

    def _value(self, value: Fraction, unit: str) -> str:
        if unit == "share":
            return f"{float(value) * 100:.10g} %"
        shown = f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):,}"
        return f"{shown} {self(unit)}" if unit != "money" else shown

    def _mark(self, mark: Any) -> str:
        return tag_mark(str(mark), LANGUAGES[self.place])

    def _source(self, said: Said) -> str:
        own = f"{said.ref.policy} {said.ref.param}" if said.ref else said.reference
        return f"[{self._mark(said.mark)}: {own}]"
