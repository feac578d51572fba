"""An HTML page that needs nothing else: no script, no font, no network. It fits a phone, paper and a dark room. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imagekit.wording import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLE = """\
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5b6470;--line:#d5dae0;--page:#fff;--box:#f5f7f9;
--error:#b3261e;--warning:#8a5a00;--note:#3b5b8c;--good:#1a6b3c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a0a8b2;--line:#3a4149;--page:#14171a;--box:#1d2125;
--error:#ff8a80;--warning:#f0b656;--note:#9bbcf0;--good:#7fd6a2}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:56rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem;margin:0}
.verdict{padding:.7rem 1rem;border-radius:4px;background:var(--box);border-left:4px solid var(--good)}
.verdict.bad{border-left-color:var(--error)}
p{margin:.4rem 0}.soft{color:var(--soft)}code,pre{font:.85em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--box);padding:.7rem;overflow-x:auto;white-space:pre-wrap}ul{padding-left:1.2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;
border-bottom:1px solid var(--line)}summary{cursor:pointer;padding:.3rem 0}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, style: str, body: Iterable[str]) -> str:
    """Return a whole page.

    Args:
        title: as plain text.
        style: CSS, after that of all pages.
        body: HTML, a line each; what of it came from outside was made by ``text`` or ``lines``.

    Whatever slipped through as HTML still cannot run or call anywhere: the page's policy forbids all but its own style.
    """
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{text(title)}</title>\n<style>\n{_STYLE}{style}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )


def text(plain: str) -> str:
    """Return a text as HTML of one line, in an element or in a quoted attribute; nothing in it is obeyed."""
    return escape(readable(plain))


def lines(plain: str) -> str:
    """Return a text as HTML that keeps its lines, for ``<pre>``; tabs are eight blanks."""
    return "\n".join(text(line) for line in plain.expandtabs().splitlines())


def listed(items: Iterable[str]) -> str:
    """Return HTML items as a list."""
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
