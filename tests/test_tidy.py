"""Style as a test: limits only ratchet down."""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATED = ROOT / "src/techflow_service/platform/migrations"
"""Django writes most of these."""
FILES = sorted(path for path in (ROOT / "src").rglob("*.py") if path.parent != GENERATED)
FILE_LINES_MAX, FUNCTION_LINES_MAX, MEDIAN_LINES_MAX = 300, 50, 10
POSITIONAL_MAX = 5
BANNED = ("float32", "print(", "except Exception", "import *", "date.today", "datetime.now")
BANNED_WORDS = {word: re.compile(rf"(?<![A-Za-z_]){re.escape(word)}") for word in BANNED}
CLOCK = ROOT / "src/techflow_service/clock.py"


def functions(path):
    tree = ast.parse(path.read_text("utf8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def body_lines(node):
    doc = ast.get_docstring(node, clean=False) or ""
    return node.end_lineno - node.lineno + 1 - doc.count("\n") - bool(doc)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tidy(path):
    text = path.read_text("utf8")
    assert text.count("\n") <= FILE_LINES_MAX
    allowed = ("datetime.now",) if path == CLOCK else ()
    found = [word for word, pattern in BANNED_WORDS.items() if pattern.search(text)]
    assert not set(found) - set(allowed)
    here = functions(path)
    inner = {
        node
        for outer in here
        for node in ast.walk(outer)
        if isinstance(node, ast.FunctionDef) and node is not outer
    }
    for node in here:
        assert body_lines(node) <= FUNCTION_LINES_MAX, f"{node.name} has {body_lines(node)} lines"
        documented = ast.get_docstring(node) or node.name.startswith("_") or node in inner
        assert documented, f"{node.name} has no docstring"
        plain = [arg for arg in node.args.args if arg.arg not in ("self", "cls")]
        assert len(plain) <= POSITIONAL_MAX, f"{node.name} takes {len(plain)} positional arguments"


def test_median_function_is_short():
    lengths = [body_lines(node) for path in FILES for node in functions(path)]
    assert statistics.median(lengths) < MEDIAN_LINES_MAX


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_late_import_of_own_modules(path):
    tree = ast.parse(path.read_text("utf8"))
    late = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("techflow")
    ]
    assert not late
