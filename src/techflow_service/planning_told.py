"""A plan as one screen that the owner of a firm understands."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

from techflow.flow.planning import FactWorth
from techflow.flow.planning_told import FirmPlan, Share
from techflow_service.planning_why import Voice, tell_conflict, tell_missing, tell_others
from techflow_service.planning_words import (
    FACTS,
    PROVIDERS,
    PURPOSES,
    TOOLS,
    UNUSED,
)
from techflow_service.products import describe_product

GAP_SHARE_MAX = 1e-8
YEAR = 12
WIDE = 44


def tell_plan(
    plan: FirmPlan, about: tuple[str, date], titles: Mapping[str, tuple[str, str]], lang: str
) -> list[str]:
    """The lines of the screen.

    Args:
        plan: The plan.
        about: Name of the firm, day of the terms.
        titles: Chinese and English title of each policy.
        lang: `zh` or `en`.
    """
    voice = Voice(lang, titles)
    return [
        *_head(plan, about, voice),
        *(_best(plan, voice) if plan.shares else tell_conflict(plan, voice)),
        *_facts(plan, about[1], voice),
        *tell_others(plan, voice),
        *tell_missing(plan, voice),
        *_insurance(plan, voice),
        *_marks(plan, about[1], voice),
    ]


def tell_asked(plan: FirmPlan, voice: Voice) -> str:
    """What the money is for: amount, term and purpose.

    Args:
        plan: The plan, or why there is none.
        voice: The language.
    """
    need = plan.question.need
    return voice.say(
        "asked",
        amount=voice.money(need.amount_cny),
        term=need.term_months,
        purpose=voice.pick(PURPOSES[need.purpose]),
    )


def _head(plan: FirmPlan, about: tuple[str, date], voice: Voice) -> list[str]:
    need, asked = plan.question.need, tell_asked(plan, voice)
    if need.project_cny is not None:
        asked += voice.say("project", project=voice.money(need.project_cny))
    firm = plan.question.firm.firm_id
    return [voice.say("head", name=about[0], id=firm, on=about[1]), asked]


def _best(plan: FirmPlan, voice: Voice) -> list[str]:
    need, given = plan.question.need, plan.dilution_share
    dilution = voice.say("dilution", share=voice.share(given)) if given else None
    first = voice.say(
        "best",
        cost=voice.money(plan.value_cny),
        rate=voice.share(plan.value_cny / need.amount_cny),
        dilution=dilution or voice.say("no_dilution"),
    )
    rows = [voice.say("columns").split("|")]
    rows += [
        [
            each.offer.product.zh if voice.lang == "zh" else each.offer.product.en,
            voice.money(each.amount_cny),
            voice.share(each.cost_cny / each.amount_cny),
            voice.money(each.cost_cny),
        ]
        for each in plan.shares
    ]
    lines = ["", first, *(f"  {_columns(row)}" for row in rows), f"  {_proof(plan, voice)}"]
    lines += tell_tools(plan, voice)
    lines += ["", voice.say("when")]
    lines += [f"  {_paid(each, voice)}" for each in plan.shares]
    fees = sum(each.fee_cny for each in plan.shares)
    if fees:
        lines.append(f"  {voice.say('in_hand', amount=voice.money(need.amount_cny - fees))}")
    if any(each.interest_cny for each in plan.shares):
        lines.append(f"  {_years(plan.shares, voice)}")
    return lines


def tell_tools(plan: FirmPlan, voice: Voice) -> list[str]:
    """What collateral and tools took off the rate of a product of the plan, or why not.

    Args:
        plan: The plan.
        voice: The language.
    """
    told = []
    for share in plan.shares:
        use, name = share.offer.tools, voice.product(share.offer.product)
        if share.offer.lgds is not None:
            before, after = map(voice.share, share.offer.lgds)
            off = voice.share(share.offer.secured_off_rate_pa)
            words = voice.say("secured_off", before=before, after=after, off=off)
            told.append(f"{name}{voice.colon}{words}")
        for each in use.effects:
            rate = voice.share(each.fee_rate_pa)
            fee = voice.say("tool_fee", fee=rate) if each.fee_rate_pa else ""
            tool, off = voice.pick(TOOLS[each.tools[0]]), voice.share(each.off_rate_pa)
            told.append(f"{name}{voice.colon}{voice.say('tool_off', tool=tool, off=off, fee=fee)}")
        for tool, why in use.unused.items():
            words = f"{voice.pick(TOOLS[tool])}{voice.colon}{voice.pick(UNUSED[why])}"
            told.append(f"{name}{voice.colon}{words}")
    return ["", voice.say("tools"), *(f"  {line}" for line in told)] if told else []


def _columns(row: list[str]) -> str:
    """Columns of one width, also where characters are two wide."""
    return _padded(row[0], WIDE) + "".join(
        " " * max(1, 15 - _width(cell)) + cell for cell in row[1:]
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * max(1, width - _width(text))


def _proof(plan: FirmPlan, voice: Voice) -> str:
    gap = plan.value_cny - plan.bound_cny
    if gap > GAP_SHARE_MAX * plan.value_cny:
        return voice.say("not_proved", gap=voice.money(gap))
    count = int(plan.question.open.sum())
    return voice.say("proved", n=count, k=min(count, plan.question.need.products_n_max))


def _paid(share: Share, voice: Voice) -> str:
    offer = share.offer
    fee = voice.say("fee", fee=voice.money(share.fee_cny)) if share.fee_cny else ""
    paid = {
        "who": voice.pick(PROVIDERS[offer.product.provider]),
        "amount": voice.money(share.amount_cny),
        "fee": fee,
    }
    name = voice.product(offer.product)
    if not share.interest_cny:
        given = voice.share(share.dilution_share)
        return f"{name}{voice.colon}{voice.say('equity_paid', **paid, share=given)}"
    first, last = (voice.money(share.interest_cny[place]) for place in (0, -1))
    when = {"n": len(share.interest_cny), "first": first, "last": last, "amount": paid["amount"]}
    part = voice.money(share.repaid_cny[0])
    after = voice.say("at_end" if offer.at_end else "parts", part=part, **when)
    return f"{name}{voice.colon}{voice.say('paid', **paid)}{voice.semicolon}{after}"


def _years(shares: Iterable[Share], voice: Voice) -> str:
    paid: dict[int, float] = {}
    for share in shares:
        months = zip(share.interest_cny, share.repaid_cny, strict=True)
        for month, (interest, repaid) in enumerate(months):
            year = month // YEAR + 1
            paid[year] = paid.get(year, 0.0) + interest + repaid
    told = [voice.say("year", n=year, amount=voice.money(paid[year])) for year in sorted(paid)]
    return voice.say("years", years=voice.comma.join(told))


def tell_facts(plan: FirmPlan, voice: Voice) -> list[str]:
    """What one more fact would save, the largest saving first; policies that do the same at once.

    Args:
        plan: The plan.
        voice: The language.
    """
    lines = []
    told: dict[tuple[float, tuple[str, ...]], list[FactWorth]] = {}
    for each in plan.facts:
        key = (each.value_cny if each.needed is None else id(each), each.opens)
        told.setdefault(key, []).append(each)
    for alike in told.values():
        worth = _worth(plan, alike, voice)
        lines.append(f"{worth[0].upper()}{worth[1:]}")
    return lines


def _facts(plan: FirmPlan, on: date, voice: Voice) -> list[str]:
    lines = ["", voice.say("facts"), *(f"  {line}" for line in tell_facts(plan, voice))]
    if policies := [each.fact for each in plan.facts if each.needed is None]:
        firm = plan.question.firm.firm_id
        lines.append(f"  {voice.say('gaps', policy=policies[0], id=firm, on=on)}")
    return lines if plan.facts else [*lines, f"  {voice.say('no_fact')}"]


def _worth(plan: FirmPlan, alike: list[FactWorth], voice: Voice) -> str:
    one = alike[0]
    if one.needed is None:
        names = voice.comma.join(voice.policy(each.fact) for each in alike)
        fact = voice.say("any_policy", names=names) if len(alike) > 1 else names
    else:
        now = plan.question.firm.numbers.get(one.fact)
        fact = voice.say(
            "number",
            name=voice.pick(FACTS.get(one.fact, (one.fact, one.fact))),
            needed=voice.money_up(one.needed),
            now=voice.say("unknown_now") if now is None else voice.money(now),
        )
    products = plan.question.offers
    new = [voice.product(each.product) for each in products if each.product.id in one.opens]
    opens = voice.say("opens", names=voice.comma.join(new)) if new else ""
    if plan.shares:
        return voice.say("saves", fact=fact, saved=voice.money(one.saved_cny), opens=opens)
    return voice.say("frees", fact=fact, cost=voice.money(one.value_cny), opens=opens)


def _marks(plan: FirmPlan, on: date, voice: Voice) -> list[str]:
    """How many numbers of the products used are nobody's offer."""
    terms = [
        term for each in plan.shares for term in describe_product(each.offer.product, on)["terms"]
    ]
    ours = sum(term["status"] == "proposal" for term in terms)
    return [voice.say("marks", n=len(terms), k=ours)] if ours else []


def _insurance(plan: FirmPlan, voice: Voice) -> list[str]:
    names = voice.comma.join(map(voice.product, plan.insurance))
    return ["", voice.say("insurance", names=names)] if names else []
