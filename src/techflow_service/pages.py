"""Pages in two languages that need no network: their frame, words and tables."""

from collections.abc import Iterable, Sequence
from html import escape

from techflow.credit import Words
from techflow_service.mark_words import say_mark

STYLE = """
:root{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--blue:#0b4f8a;--amber:#9a6700;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--blue:#6cb6ff;
--amber:#d4a72c;--page:#0d1117}}
body{font:14px/22px -apple-system,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif;
color:var(--ink);background:var(--page);max-width:1120px;margin:0 auto;padding:24px;
font-variant-numeric:tabular-nums}
h1{font-size:28px;line-height:36px;margin:0 0 8px}h2{font-size:20px;margin:32px 0 8px}
p{margin:4px 0}.note{color:var(--soft);font-size:12px}.warn{border-left:4px solid var(--amber);
padding:4px 12px;margin:8px 0}.plots{display:grid;grid-template-columns:repeat(auto-fit,
minmax(300px,1fr));gap:24px}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child,.text th,.text td{text-align:left;
white-space:normal}th,th:first-child{color:var(--soft);white-space:normal;min-width:64px;
vertical-align:bottom}
@media(max-width:600px){body{padding:16px}h1{font-size:22px;line-height:30px}
.text th,.text td{min-width:110px}th:first-child,td:first-child{position:sticky;left:0;
min-width:76px;max-width:120px;overflow-wrap:anywhere;background:var(--page)}}
svg{width:100%;height:auto;color:var(--ink)}svg text{fill:currentColor;font-size:11px}
button{font:inherit;border:1px solid var(--line);background:none;color:inherit;padding:2px 12px;
border-radius:4px;cursor:pointer;float:right}
html[lang=zh] [data-l=en],html[lang=en] [data-l=zh]{display:none}
"""
SCRIPT = """
const set=l=>{document.documentElement.lang=l};
set(location.hash.includes('en')?'en':'zh');
document.querySelector('button').onclick=()=>set(document.documentElement.lang==='zh'?'en':'zh');
"""


def both(zh: str, en: str) -> str:
    """One text in both languages; the page shows one."""
    return f'<span data-l="zh">{escape(zh)}</span><span data-l="en">{escape(en)}</span>'


def said(words: Words) -> str:
    """Words of the library, escaped."""
    return both(words.zh, words.en)


def spans(words: Words) -> str:
    """Words inside an SVG text, in both languages."""
    return f'<tspan data-l="zh">{escape(words.zh)}</tspan>' + (
        f'<tspan data-l="en">{escape(words.en)}</tspan>'
    )


def mark_words(mark: str) -> Words:
    """A mark for people."""
    return Words(say_mark(mark, "zh"), say_mark(mark, "en"))


def table(head: Sequence[Words], rows: Iterable[Sequence[str]], *, kind: str = "") -> str:
    """A table; cells are ready HTML. `kind="text"` aligns all to the left."""
    top = "".join(f"<th>{said(words)}</th>" for words in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll {kind}"><table><tr>{top}</tr>{body}</table></div>'


def document(title: str, parts: Iterable[str]) -> str:
    """A whole page: style, parts (ready HTML), the switch between the languages."""
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<body>{''.join(parts)}<script>{SCRIPT}</script></body></html>\n"
    )
