"""The Markdown that people write: CommonMark with tables and strikethrough, without HTML of the author's."""

from __future__ import annotations

from markdown_it import MarkdownIt


def make_parser() -> MarkdownIt:
    """Return a parser; to make one takes longer than to use it."""
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
