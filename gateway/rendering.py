"""Markdown to HTML in which nothing can be executed.

Two locks on one door: markdown-it writes no HTML of the author's (``html`` is off), and nh3 lets through only the tags,
attributes and address schemes that are named here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt

from services.chassis.markdown import make_parser

RENDERED_MAX = 512
RENDERED_CHARACTERS_MAX = 4_000
"""Longer texts are rendered every time, so that the memory of what was rendered stays below 40 MB."""

_BLOCKS = ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul")
_SPANS = ("a", "br", "code", "del", "em", "img", "s", "strong")
_TABLES = ("table", "tbody", "td", "th", "thead", "tr")
_TAGS = frozenset((*_BLOCKS, *_SPANS, *_TABLES))
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}, "code": {"class"}}
_SCHEMES = frozenset({"http", "https", "mailto"})
# In a relative address nothing before the first colon may look like a scheme, however it is written.
_ADDRESS = re.compile(r"https?://|mailto:|[^:]*([/?#]|\Z)", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9+#.-]{1,40}")


def render(markdown: str) -> str:
    """Return ``markdown`` as HTML that is safe to put into a page."""
    if len(markdown) > RENDERED_CHARACTERS_MAX:
        return _render(markdown)
    return _render_remembered(markdown)


@lru_cache(maxsize=RENDERED_MAX)
def _render_remembered(markdown: str) -> str:
    return _render(markdown)


def _render(markdown: str) -> str:
    return nh3.clean(
        _parser().render(markdown),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


def _filter(_tag: str, attribute: str, value: str) -> str | None:
    """Return the attribute's value, or None to leave the attribute out."""
    if attribute in ("href", "src"):
        return value if _ADDRESS.match(value) else None
    if attribute == "class":  # another class could borrow the page's own style
        return value if _LANGUAGE.fullmatch(value) else None
    return value


@cache
def _parser() -> MarkdownIt:
    return make_parser()
