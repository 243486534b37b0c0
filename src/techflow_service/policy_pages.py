"""A page per policy, made from its folder, and the index of all of them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from techflow.flow import last_rule
from techflow.policy import Law, Rule, Titles, describe_rule, show_term
from techflow_service.judging.register import Lang
from techflow_service.policies import ROOT, load_cases, load_laws, titles_of

FOLDER = Path("docs/policies")
INDEX = "README.md"
NOTE = "Made by `make docs` from the policy's folder; do not edit."
MARKS = (
    "Marks say how sure we are of a number or a clause: `text` (read in the text), `unverified p` "
    "(believed with probability p, not read), `proposal` (ours; no text gives it)."
)


def render(name: str, laws: Mapping[str, Law], root: Path = ROOT) -> str:
    """One page as Markdown: a policy's, or the index.

    Args:
        name: File name: `README.md`, or a policy id and `.md`.
        laws: Policy id -> law.
        root: Folder that holds their folders.
    """
    if name == INDEX:
        return render_index(laws)
    policy_id = name.removesuffix(".md")
    cases = load_cases(root.joinpath(*policy_id.split(".")))
    return render_policy(laws[policy_id], cases, titles=titles_of(laws))


def page_names(laws: Mapping[str, Law]) -> list[str]:
    """The file names of all pages.

    Args:
        laws: Policy id -> law.
    """
    return [INDEX, *(f"{name}.md" for name in sorted(laws))]


def render_index(laws: Mapping[str, Law]) -> str:
    """The list of policies with their last text.

    Args:
        laws: Policy id -> law.
    """
    rows = []
    for name in sorted(laws):
        policy, rule = laws[name].policy, last_rule(laws[name])
        span = f"{policy.versions[0].since} – {policy.versions[-1].until or ''}".strip()
        kind = "official" if policy.official else "not official"
        title = f"[{policy.zh} / {policy.en}]({name}.md)"
        rows.append([f"`{name}`", title, policy.issuer, span, rule.document, rule.weakest, kind])
    head = ["policy", "title", "issuer", "in force", "last text", "weakest mark", ""]
    return f"# Policies\n\n{len(laws)} policies. {NOTE}\n\n{MARKS}\n\n{_table(head, rows)}"


def render_policy(law: Law, cases: list[dict[str, Any]], *, titles: Titles) -> str:
    """One policy's page.

    Args:
        law: The law.
        cases: From `load_cases`.
        titles: From `titles_of`.
    """
    policy = law.policy
    kind = "" if policy.official else " Not official: our own, or its table is not public."
    about = f"`{policy.id}`, {policy.issuer}.{kind} {NOTE}"
    parts = [
        f"# {policy.zh} / {policy.en}\n\n{about}\n\n{MARKS}\n",
        "## Texts\n\n" + _versions(law),
        *(_conditions(*dated, titles) for dated in last_of_each_text(law)),
        "## Parameters\n\n" + _parameters(law),
        "## Facts it asks for\n\n" + _facts(law),
        f"## Cases\n\n{len(cases)} cases; every engine gives these answers.\n\n"
        + _base(cases)
        + _cases(cases),
    ]
    return "\n".join(parts)


def last_of_each_text(law: Law) -> list[tuple[date, date | None, Rule]]:
    """The rule of the last days of each version, latest first: since, until, rule.

    Args:
        law: The law.
    """
    last: dict[date, tuple[date, date | None, Rule]] = {}
    for since, until, rule in law.timeline():
        last[rule.since] = (since, until, rule)
    return list(last.values())[::-1]


def _versions(law: Law) -> str:
    versions = law.policy.versions
    ends = [*(version.since for version in versions[1:]), None]
    rows = [
        [version.since, version.until or end or "", version.document, version.mark]
        for version, end in zip(versions, ends, strict=True)
    ]
    return _table(["since", "until", "document", "mark"], rows)


def _conditions(since: date, until: date | None, rule: Rule, titles: Titles) -> str:
    days = f"with the numbers from {since}" + (f" until {until}" if until else "")
    titled: tuple[tuple[Lang, str], ...] = (("en", "English:"), ("zh", "中文："))
    return f"## {_cell(rule.document)}\n\nConditions {days}.\n\n" + "\n".join(
        f"{title}\n\n{_nested(describe_rule(rule, lang, titles=titles))}" for lang, title in titled
    )


def _nested(lines: list[str]) -> str:
    """Indented lines as a nested list."""
    return "".join(
        f"{' ' * (len(line) - len(line.lstrip()))}- {_text(line.strip())}\n" for line in lines
    )


def _parameters(law: Law) -> str:
    rows = []
    for name, dated in law.params.rows.items():
        ends = [*(row.since for row in dated[1:]), None]
        for number, (row, end) in enumerate(zip(dated, ends, strict=True)):
            source = row.term.source
            label = f"`{name}` {source.zh} / {source.en}" if number == 0 else ""
            mark, until = source.mark, row.until or end or ""
            value = show_term(row.term, "en")
            rows.append([label, row.since, until, value, source.reference, mark])
    return _table(["parameter", "since", "until", "value", "clause", "mark"], rows)


def _facts(law: Law) -> str:
    facts = {fact.name: fact for *_, rule in law.timeline() for fact in rule.facts}
    rows = [
        [f"`{fact.name}`", fact.label("zh"), fact.label("en"), fact.kind, fact.unit]
        for fact in facts.values()
    ]
    return _table(["column", "zh", "en", "kind", "unit"], rows)


def _base(cases: list[dict[str, Any]]) -> str:
    pairs = _pairs(cases[0]["base"]) if cases else []
    return f"Base: {_text('; '.join(pairs))}.\n\n" if pairs else ""


def _cases(cases: list[dict[str, Any]]) -> str:
    rows = []
    for case in cases:
        unknown = [f"{name}: unknown" for name in case.get("unknown", ())]
        given = [*_pairs(case["own"]), *unknown]
        expected = [case["raises"]] if "raises" in case else _pairs(case["output"])
        cells = [case["name"], case["on"], "; ".join(given), "; ".join(expected), case["basis"]]
        rows.append(cells)
    return _table(["case", "on", "what differs from the base", "answer", "who says so"], rows)


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {_plain(value)}" for name, value in values.items()]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    return _text(str(value)).replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    """Text that Markdown leaves alone: `<` would open a tag, `](` a link."""
    return text.replace("<", "&lt;").replace("](", "] (")


def write_pages(folder: Path = FOLDER) -> None:
    """Write every page and remove those of policies that are gone.

    Args:
        folder: Where the pages live.
    """
    folder.mkdir(parents=True, exist_ok=True)
    laws = load_laws()
    pages = {name: render(name, laws) for name in page_names(laws)}
    for name, text in pages.items():
        (folder / name).write_text(text, "utf8")
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()


if __name__ == "__main__":
    write_pages()
