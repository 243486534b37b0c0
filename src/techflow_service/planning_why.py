"""Why a plan leaves products out, why there is none, and what is not known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techflow.flow.planning_offers import Closure, Offer
from techflow.flow.planning_rates import ROOMS
from techflow.flow.planning_told import FirmPlan
from techflow.flow.planning_why import Relief
from techflow.pricing import Product
from techflow_service.planning_words import ANSWERS, BOUNDS, FACTS, LINES, STAGES

FIXED = ("stage", "term", "refused", "rate")
"""Reasons that no fact the firm could bring would lift; where one stands, the rest is not told."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A language, and the titles of policies in it.

    Attributes:
        lang: `zh` or `en`.
        titles: Chinese and English title of each policy.
    """

    lang: str
    titles: Mapping[str, tuple[str, str]]

    @property
    def colon(self) -> str:
        """A colon."""
        return "：" if self.lang == "zh" else ": "

    @property
    def comma(self) -> str:
        """Between names."""
        return "、" if self.lang == "zh" else ", "

    @property
    def semicolon(self) -> str:
        """Between clauses."""
        return "；" if self.lang == "zh" else "; "

    def pick(self, pair: tuple[str, str]) -> str:
        """The word of the language."""
        return pair[0] if self.lang == "zh" else pair[1]

    def say(self, line: str, **words: Any) -> str:
        """A line with its words."""
        return self.pick(LINES[line]).format(**words)

    def product(self, product: Product) -> str:
        """Name of a product."""
        return self.pick((product.zh, product.en))

    def policy(self, name: str) -> str:
        """Title of a policy."""
        return self.pick(self.titles.get(name, (name, name)))

    def money(self, amount_cny: float) -> str:
        """Whole yuan."""
        return f"{amount_cny:,.0f}"

    def money_up(self, amount_cny: float) -> str:
        """Whole yuan, rounded up past what arithmetic leaves behind."""
        return f"{math.ceil(amount_cny - 1e-3):,}"

    def share(self, share: float) -> str:
        """A share in per cent."""
        return f"{100 * share:.2f}%" if self.lang == "zh" else f"{100 * share:.2f} %"


def tell_others(plan: FirmPlan, voice: Voice) -> list[str]:
    """Why each other product is not used: by purpose, by price, and one by one.

    Args:
        plan: The plan.
        voice: The language.
    """
    used = {each.offer.product.id for each in plan.shares}
    others = [each for each in plan.question.offers if each.product.id not in used]
    purpose = [each for each in others if any(why.code == "purpose" for why in each.closures)]
    told: dict[str, list[str]] = {}
    for each in sorted(others, key=lambda one: len(one.closures)):
        why = voice.say("purpose") if each in purpose else _why(plan, each, voice)
        told.setdefault(why, []).append(voice.product(each.product))
    lines = [f"  {voice.comma.join(names)}{voice.colon}{why}" for why, names in told.items()]
    return ["", voice.say("why"), *lines] if lines else []


def _why(plan: FirmPlan, offer: Offer, voice: Voice) -> str:
    if offer.closures:
        firm = [why for why in offer.closures if why.code in FIXED] or offer.closures
        seen = {fact for why in firm if why.code == "requirement" for fact in why.facts}
        told = [why for why in firm if why.code != "unknown" or not seen & set(why.facts)]
        return voice.semicolon.join(_closed(plan, offer, why, voice) for why in told)
    question = plan.question
    if offer.low_cny > question.need.amount_cny:
        return voice.say("low_why", low=voice.money(offer.low_cny))
    limits = dict(zip(question.rooms, question.problem.room, strict=True))
    for room in ROOMS:
        if limits.get(room) == 0 and offer.use.get(room):
            return voice.say("room_why", name=voice.pick(BOUNDS[room]))
    rate = voice.share(offer.cost_rate_pa)
    if not plan.shares:
        return voice.say("open", rate=rate)
    dearest = max(each.cost_cny / each.amount_cny for each in plan.shares)
    return voice.say("dearer" if offer.cost_rate_pa >= dearest else "no_fit", rate=rate)


def _closed(plan: FirmPlan, offer: Offer, why: Closure, voice: Voice) -> str:
    firm = plan.question.firm
    if why.code == "stage":
        stages = voice.comma.join(voice.pick(STAGES[each]) for each in offer.product.stages)
        return voice.say("stage_why", stages=stages, now=voice.pick(STAGES[firm.stage or ""]))
    if why.code == "term":
        line = "term_max" if (why.got or 0.0) > (why.bound or 0.0) else "term_min"
        return voice.say(line, bound=f"{why.bound:.0f}")
    if why.code == "qualification":
        answers = {firm.answers.get(name, "unknown") for name in why.facts}
        told = voice.comma.join(voice.pick(ANSWERS[each]) for each in sorted(answers))
        names = voice.comma.join(map(voice.policy, why.facts))
        return voice.say("qualification_why", names=names, answers=told)
    if why.code == "requirement":
        texts = [(each.zh, each.en) for each in offer.product.requirements]
        at = [each.fact for each in offer.product.requirements].index(why.facts[0])
        now = voice.say("unknown_now") if why.got is None else f"{why.got:,.6g}"
        return voice.say("requirement_why", text=voice.pick(texts[at]), now=now)
    if why.code == "refused":
        return voice.say("refused_why", pd=voice.share(why.got or math.nan))
    if why.code == "rate":
        rates = {"got": voice.share(why.got or 0.0), "bound": voice.share(why.bound or 0.0)}
        return voice.say("rate_why", **rates)
    return voice.say("unknown_why", name=voice.comma.join(_fact(each, voice) for each in why.facts))


def _fact(name: str, voice: Voice) -> str:
    return voice.pick(FACTS[name]) if name in FACTS else voice.policy(name)


def tell_conflict(plan: FirmPlan, voice: Voice) -> list[str]:
    """What binds and what alone would free it.

    Args:
        plan: One without products.
        voice: The language.
    """
    lines = ["", voice.say("none", amount=voice.money(plan.question.need.amount_cny))]
    conflict = plan.conflict
    if conflict is None:
        return lines
    if conflict.binding == ("unknown",):
        return [*lines, f"  {voice.say('nothing')}"]
    names = [voice.pick(BOUNDS[each]) for each in conflict.binding]
    head = voice.say("binds" if len(names) > 1 else "bind")
    lines.append(f"  {head}{voice.colon}{voice.comma.join(names)}")
    told = [f"    {_relief(each, voice)}" for each in conflict.reliefs]
    return [*lines, f"  {voice.say('relief' if told else 'no_relief')}", *told]


def _relief(relief: Relief, voice: Voice) -> str:
    name = voice.pick(BOUNDS[relief.code])
    if relief.needed is None:
        cost = "" if relief.value_cny is None else voice.money(relief.value_cny)
        return voice.say("lift", name=name, cost=cost and voice.say("costs", cost=cost))
    needed, now = relief.needed, relief.now or 0.0
    if relief.code in ("term", "amount_below", "amount_above", "products_n"):
        told = voice.money(needed) if relief.code == "amount_below" else voice.money_up(needed)
        return voice.say(f"{relief.code}_move", needed=told)
    if relief.code == "dilution":
        return voice.say("move", name=name, needed=voice.share(needed), now=voice.share(now))
    return voice.say("move", name=name, needed=voice.money_up(needed), now=voice.money(now))


def tell_missing(plan: FirmPlan, voice: Voice) -> list[str]:
    """Facts that are not known, and the products that wait for them.

    Args:
        plan: The plan.
        voice: The language.
    """
    products = {each.product.id: each.product for each in plan.question.offers}
    lines = [
        f"  {_fact(fact, voice)}{voice.colon}"
        + voice.comma.join(voice.product(products[name]) for name in names)
        for fact, names in plan.missing.items()
    ]
    known = plan.question.firm.numbers
    lines += [f"  {voice.say(name)}" for name in ("cash_flow_cny", "debt_cny") if name not in known]
    return ["", voice.say("missing"), *lines] if lines else []
