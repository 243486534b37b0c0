"""A plan in a few lines of a report: what is asked, the products, what one more fact would save."""

from techflow.flow.planning_need import FoundNeed
from techflow.flow.planning_told import FirmPlan
from techflow_service.planning_told import tell_asked, tell_facts, tell_tools
from techflow_service.planning_why import Voice, tell_conflict
from techflow_service.planning_words import FACTS

FACTS_N = 3
"""Facts told, the one that saves most first."""


def tell_brief(plan: FirmPlan, found: FoundNeed, voice: Voice) -> list[str]:
    """Lines of a plan; items of a heading are indented by two spaces.

    Args:
        plan: The plan, or why there is none.
        found: The need it is for.
        voice: The language.
    """
    lines = [f"{tell_asked(plan, voice)}{voice.semicolon}{voice.say(f'need_{found.basis}')}"]
    if found.basis == "turnover" and "debt_cny" not in plan.question.firm.numbers:
        lines.append(voice.say("need_before_debt"))
    if plan.shares:
        lines += ["", voice.say("parts_of_plan"), *_parts(plan, voice)]
        lines += tell_tools(plan, voice)
    else:
        lines += tell_conflict(plan, voice)
    facts = tell_facts(plan, voice)[:FACTS_N]
    if facts or plan.shares:
        lines += [
            "",
            voice.say("facts"),
            *(f"  {fact}" for fact in facts or [voice.say("no_fact")]),
        ]
    return [line for line in lines if line]


def _parts(plan: FirmPlan, voice: Voice) -> list[str]:
    return [
        "  "
        + voice.say(
            "part",
            name=voice.product(each.offer.product),
            amount=voice.money(each.amount_cny),
            rate=voice.share(each.cost_cny / each.amount_cny),
            cost=voice.money(each.cost_cny),
        )
        for each in plan.shares
    ]


def tell_lack(found: FoundNeed, voice: Voice) -> list[str]:
    """Why no plan was made, and what to ask the firm for.

    Args:
        found: A need that is not known, or none.
        voice: The language.
    """
    names = voice.comma.join(voice.pick(FACTS[name]) for name in found.facts)
    return [voice.say(str(found.lack), names=names)]
