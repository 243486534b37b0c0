"""What holds for every page: rows for routes, words in both languages, examples of the modules."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import techflow_service.platform as platform

FOLDER = Path(platform.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID = re.compile(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""")


@pytest.fixture(scope="module")
def modules(web_url):
    names = (one.name for one in pkgutil.walk_packages(platform.__path__, f"{platform.__name__}."))
    return [importlib.import_module(name) for name in names]


def test_examples_of_the_modules_hold(modules):
    for module in modules:
        assert doctest.testmod(module).failed == 0, module.__name__


def test_every_route_has_a_row_and_every_row_a_route(web_url):
    from techflow_service.platform.areas import URLS
    from techflow_service.platform.routes import TABLE

    assert sorted(address.name for address in URLS) == sorted(TABLE)


def test_words_are_in_both_languages(web_url):
    from techflow_service.platform.words import WORDS

    for key, (zh, en) in WORDS.items():
        if key != "frame.language":
            assert not CHINESE.search(en), key
        assert re.findall(r"{\w*", zh) == re.findall(r"{\w*", en) or sorted(
            re.findall(r"{\w*", zh)
        ) == sorted(re.findall(r"{\w*", en)), key


def test_no_key_is_given_words_twice(web_url):
    from techflow_service.platform import words

    keys = [
        key
        for one in pkgutil.iter_modules(words.__path__)
        for key in importlib.import_module(f"{words.__name__}.{one.name}").WORDS
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_templates_say_only_words_of_the_list(path, web_url):
    from techflow_service.platform.words import WORDS

    text = path.read_text("utf8")
    assert not set(SAID.findall(text)) - set(WORDS)
    assert not CHINESE.search(text)


def test_structure_and_models_agree(web_url):
    from django.core.management import call_command

    call_command("makemigrations", "platform", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sign_in_page_speaks_one_language(world, language):
    client = world.client()
    client.post("/language", {"language": language})
    page = client.get("/account/login/").content.decode()
    words = re.sub(r"<[^>]+>", " ", page)
    assert ("Sign In" in words) == (language == "en")
    assert ("登录" in words) == (language == "zh")


def test_an_unknown_address_is_a_page_not_a_trace(world):
    answer = world.client().get("/nothing/there")
    assert answer.status_code == 404
    assert "Traceback" not in answer.content.decode()
