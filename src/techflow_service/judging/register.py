"""The register of policies: which there are, which text is in force, how sure we are."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from techflow.basics import NotInForce
from techflow.policy import Law, Rule, Titles, check_staleness, describe_rule
from techflow_service.mark_words import tag_mark

Lang = Literal["zh", "en"]


def describe_laws(laws: Mapping[str, Law], on: date) -> list[dict[str, Any]]:
    """Every policy as plain values, by id.

    Args:
        laws: Policy id -> law.
        on: Legal date.
    """
    return [describe_law(laws[name], on) for name in sorted(laws)]


def describe_law(law: Law, on: date) -> dict[str, Any]:
    """One policy as plain values: titles, text in force, weakest mark.

    Args:
        law: The law.
        on: Legal date.
    """
    policy = law.policy
    entry = {
        "id": policy.id,
        "zh": policy.zh,
        "en": policy.en,
        "issuer": policy.issuer,
        "official": policy.official,
        "unchecked": [str(problem) for problem in check_staleness(law, on=on)],
        "versions": [
            {
                "since": str(version.since),
                "until": str(version.until) if version.until else None,
                "document": version.document,
                "mark": str(version.mark),
            }
            for version in policy.versions
        ],
    }
    try:
        rule = law.on(on)
    except NotInForce as error:
        return entry | {"in_force": False, "why": str(error)}
    names = {"since": str(rule.since), "document": rule.document}
    return entry | {"in_force": True, **names, "mark": str(rule.weakest)}


def tell_laws(found: list[dict[str, Any]], on: date) -> str:
    """The register as lines.

    Args:
        found: From `describe_laws`.
        on: Legal date it was made for.
    """
    width = max((len(entry["id"]) for entry in found), default=0)
    lines = [f"{len(found)} policies; in force on {on}: {sum(e['in_force'] for e in found)}"]
    for entry in found:
        ours = "" if entry["official"] else " (not official)"
        lines.append(f"{entry['id']:<{width}}  {entry['zh']} / {entry['en']}{ours}")
        lines.append(f"{'':<{width}}  {_tell_text(entry)}")
        if unchecked := entry["unchecked"]:
            more = f" (and {len(unchecked) - 1} more)" if len(unchecked) > 1 else ""
            lines.append(f"{'':<{width}}  check again: {unchecked[0]}{more}")
    lines.append(
        "[mark]: the weakest the rule rests on; text = read, unverified p, proposal = ours"
    )
    return "\n".join(lines)


def _tell_text(entry: Mapping[str, Any]) -> str:
    """The text in force with its mark, or when there was or will be one."""
    if entry["in_force"]:
        return f"since {entry['since']}: {entry['document']} [{entry['mark']}]"
    ends = (f"from {v['since']} until {v['until'] or '-'}" for v in entry["versions"])
    return f"not in force; its texts: {', '.join(ends)}"


def describe_one(law: Law, rule: Rule, lang: Lang, *, titles: Titles) -> str:
    """A policy on one day, in words: titles, texts, what it asks, facts it reads.

    Args:
        law: The law.
        rule: Its rule of the day.
        lang: `zh` or `en`.
        titles: Titles of the policies whose answers it uses.
    """
    zh = lang == "zh"
    policy = law.policy
    versions = [
        f"  {version.since}  {version.document} [{tag_mark(str(version.mark), lang)}]"
        for version in policy.versions
    ]
    facts = [f"  {fact.name}  {fact.label(lang)} ({fact.kind})" for fact in rule.facts]
    return "\n".join(
        [
            f"{policy.id}  {policy.zh if zh else policy.en}  {policy.issuer}"
            + ("" if policy.official else ("（非官方）" if zh else " (not official)")),
            ("文本" if zh else "Texts"),
            *versions,
            (f"条件（{rule.document}）" if zh else f"Conditions ({rule.document})"),
            *(f"  {line}" for line in describe_rule(rule, lang, titles=titles)),
            ("所需资料" if zh else "Facts it asks for"),
            *facts,
            ("最弱标记：" if zh else "Weakest mark: ") + tag_mark(str(rule.weakest), lang),
        ]
    )
