"""Documentation is part of the change: what is not on its page fails here."""

import re
from pathlib import Path

import pytest

from techflow_service.cli import techflow
from techflow_service.commands import render_commands, walk
from techflow_service.policies import load_laws
from techflow_service.policy_pages import page_names, render

ROOT = Path(__file__).parents[1]
LAWS = load_laws()
POLICY_PAGES = page_names(LAWS)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_command_page_is_fresh():
    assert (ROOT / "docs/commands.md").read_text("utf8") == render_commands(), "run `make docs`"


@pytest.mark.parametrize("name", POLICY_PAGES)
def test_policy_page_is_fresh(name):
    page = ROOT / "docs/policies" / name
    assert page.is_file() and page.read_text("utf8") == render(name, LAWS), "run `make docs`"


def test_no_page_of_a_policy_that_is_gone():
    assert {page.name for page in (ROOT / "docs/policies").iterdir()} <= {*POLICY_PAGES}


@pytest.mark.parametrize("item", list(walk(techflow, "techflow")), ids=lambda item: str(item[0]))
def test_each_command_and_option_explains_itself(item):
    path, command = item
    assert command.help, f"{path} has no help text"
    for option in command.params:
        assert getattr(option, "help", "argument"), f"{path} {option.name} has no help text"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_make_target_named_in_a_page_exists(page):
    makefile = (ROOT / "Makefile").read_text("utf8")
    for target in re.findall(r"`make ([a-z-]+)", page.read_text("utf8")):
        known = re.search(rf"^{target}:", makefile, re.M) or (
            target.startswith("bench-")
            and (ROOT / f"bench/{target[6:].replace('-', '_')}.py").exists()
        )
        assert known, f"{page.name} names make {target}"
