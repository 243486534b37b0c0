"""The page itself: figures and programs in one HTML file that needs no network."""

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from techflow.basics import InvalidInput

PACKING = 6
"""Effort of gzip; 9 takes four times as long for 3 % less."""

PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript><p>本页的数字由页内程序绘制，请允许运行脚本。 This page draws its figures with the
script inside it; please allow scripts.</p></noscript>
<main id="page"><p class="loading">正在载入… Loading…</p></main>
<script type="application/octet-stream" id="book">{book}</script>
<script>{script}</script>
</body>
</html>
<!--
{licences}
-->
"""


def read_asset(name: str) -> str:
    """Text of one bundled file.

    Raises:
        InvalidInput: The bundle was not built.
    """
    asset = files("techflow_service.report") / "assets" / name
    if not asset.is_file():
        raise InvalidInput(
            f"the report needs its bundle {name}; it was not built; install again with "
            "`pip install .` (it runs npm once) or run `make setup`"
        )
    return asset.read_text("utf8")


def pack(book: Mapping[str, Any]) -> str:
    """The figures as JSON, gzip and base64: short, and no character of it can end a tag."""
    text = json.dumps(book, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), PACKING, mtime=0)).decode()


def render_page(packed: str, *, title: str) -> str:
    """The HTML file.

    The page may run one script only, the one whose fingerprint its policy names, and may
    fetch nothing: text from a data file that looks like a program stays text.

    Args:
        packed: Figures as `pack` returns them.
        title: Title of the page, plain text.
    """
    script = read_asset("report.js").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'"
    return PAGE.format(
        policy=policy,
        title=html.escape(title),
        style=read_asset("report.css").replace("</", "<\\/"),
        book=packed,
        script=script,
        licences=read_asset("THIRD_PARTY.txt").replace("--", "=="),
    )
