"""HTML, and the small Markdown of comments, as the Markdown that posts are written in; nothing executable survives.

Three steps: an allow-list of tags and of link schemes cleans the HTML as a browser would read it; what is left becomes
Markdown, with everything escaped that was mere text; and the result is read back by a CommonMark parser that knows raw
HTML. Should any be in it (code can break out of its fence in more ways than one thinks of), all becomes plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markdown_it import MarkdownIt
from markdownify import ATX, MarkdownConverter

_BETWEEN_BLOCKS = "\n\n"
_GRAPHEME_JOINER = "\u034f"
_MARKS_IN_A_ROW_MAX = 30
_SCHEMES = frozenset({"http", "https", "mailto"})
_TAGS = frozenset(
    (
        *("p", "br", "hr", "div", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("a", "b", "i", "em", "strong", "del", "s", "sub", "sup", "code", "kbd", "img"),
        *("ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td"),
    )
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_URL = re.compile(r"https?://[\w\-.~:/?#@!$&'+,;=%*()]*[\w\-~/#@$&+=%]", re.ASCII)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_HASH = re.compile(r"#(?=[\w.])")
_SPACES = re.compile(r"\s+")
_BACKTICKS = re.compile(r"`+")
_URL_SYNTAX = re.compile(r"[\s()<>\\\"`\[\]|]")


class UnreadableTextError(ValueError):
    """The text is nested deeper than anything that a person wrote."""


def from_html(html: str) -> str:
    """Return the Markdown of ``html``; empty if there is no text in it. Raises UnreadableTextError."""
    cleaned = _cleaner().clean(html)  # goes on inside a tag: bare text that looks like an address makes bs4 warn
    try:
        text = as_text(_Converter().convert(f"<div>{cleaned}</div>")).strip()
    except RecursionError as error:
        raise UnreadableTextError("The text is nested too deeply.") from error
    if is_safe(text):
        return text
    return _plain(nh3.clean(html, tags=set()))


def from_comment(markdown: str) -> str:
    """Return a comment, which is written in a small Markdown of its own, with the same guarantees as ``from_html``."""
    return from_html(_comment_reader().render(markdown))


def escape(text: str) -> str:
    """Return ``text`` as one line of Markdown that reads the same."""
    return _Converter().escape(one_line(text), set())


def in_parts(markdown: str, *, first_characters_max: int, characters_max: int) -> list[str]:
    """Return a text as parts of at most so many characters; a single block that is longer stays a part of its own."""
    if len(markdown) <= first_characters_max:
        return [markdown]
    parts: list[str] = []
    for block in _blocks(markdown):
        room = characters_max if len(parts) > 1 else first_characters_max
        if parts and len(parts[-1]) + len(_BETWEEN_BLOCKS) + len(block) <= room:
            parts[-1] += _BETWEEN_BLOCKS + block
        else:
            parts.append(block)
    return parts


def _blocks(markdown: str) -> Iterator[str]:
    """Yield the paragraphs, lists, fences and so on that a text consists of, in order."""
    lines = markdown.split("\n")
    starts = [block.map[0] for block in _reader().parse(markdown) if block.level == 0 and block.map]
    for start, end in pairwise((0, *starts[1:], len(lines))):
        yield "\n".join(lines[start:end]).strip("\n")


def one_line(text: str) -> str:
    return _SPACES.sub(" ", as_text(text.replace("\n", " "))).strip()


def as_text(text: str) -> str:
    """Return what the services take: without control characters, and with rows of marks broken up as UAX #15 has it."""
    return "".join(_in_short_rows(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")))


def _in_short_rows(characters: Iterable[str]) -> Iterator[str]:
    """Put a joiner that is not seen behind as many marks as may stand on one character."""
    row = 0
    for character in characters:
        row = row + 1 if unicodedata.combining(character) else 0
        if row > _MARKS_IN_A_ROW_MAX:
            yield _GRAPHEME_JOINER
            row = 1
        yield character


def is_safe(markdown: str) -> bool:
    """Whether no renderer could find raw HTML, an image or a link of another scheme in ``markdown``."""
    for block in _reader().parse(markdown):
        for token in (block, *(block.children or ())):
            if token.type in ("html_block", "html_inline", "image"):
                return False
            if token.type == "link_open" and _scheme(str(token.attrGet("href"))) not in _SCHEMES:
                return False
    return True


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # it would take a bad link for text
    return reader


@cache
def _comment_reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=set(_SCHEMES), url_relative="deny", link_rel=None
    )


def _plain(html: str) -> str:
    """Return the text in ``html`` with every sign escaped that Markdown could take for its own."""
    text = as_text(BeautifulSoup(f"<div>{html}</div>", "html.parser").get_text())
    return "\n\n".join(_PUNCTUATION.sub(r"\\\1", line.strip()) for line in text.splitlines() if line.strip())


class _Converter(MarkdownConverter):
    """markdownify with links, images and code that cannot be broken out of."""

    def __init__(self) -> None:
        super().__init__(heading_style=ATX, escape_misc=True, bullets="-")

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape text, but leave bare addresses whole, as links."""
        parts, end = [], 0
        for url in _URL.finditer(text) if "a" not in parent_tags else ():
            parts += [self._escape(text[end : url.start()], parent_tags), f"<{url[0]}>"]
            end = url.end()
        return "".join((*parts, self._escape(text[end:], parent_tags)))

    def _escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape text, hashes included: what it is about is told by its tags, and no word of it is a topic."""
        escaped = str(super().escape(text, parent_tags))  # type: ignore[misc]  # its stubs leave it out
        return _HASH.sub(r"\#", escaped)

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text if "_noformat" in parent_tags else _link(text, str(el.get("href") or ""))

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """An image is kept as a link to it: showing it would load it from elsewhere."""
        label = self.escape(one_line(str(el.get("alt") or "")), {"a"}) or "image"
        if parent_tags & {"a", "_noformat"}:
            return label
        return _link(label, str(el.get("src") or ""))

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Code in a line has to stay in it: after a line break, a tag in it would be one."""
        code = text if "pre" in parent_tags else _SPACES.sub(" ", text)
        return str(super().convert_code(el, code, parent_tags))  # type: ignore[misc]  # its stubs leave it out

    convert_kbd = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """The fence is longer than any run of backticks in the code."""
        code = text.strip("\n")
        if not code.strip():
            return ""
        longest = max((len(run) for run in _BACKTICKS.findall(code)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}\n{code}\n{fence}\n\n"


def _link(text: str, url: str) -> str:
    label = _SPACES.sub(" ", text).strip()
    if not label or _scheme(url) not in _SCHEMES:
        return text
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}[{label}]({_URL_SYNTAX.sub(_percent, url)}){after}"


def _percent(sign: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in sign[0].encode())
