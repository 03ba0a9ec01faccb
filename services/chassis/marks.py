"""What a text names: topics with a #, people with an @.

    #topic  #c++  #.net      letters, digits and _ + # . -, at least one of them a letter, 50 characters at most
    @anna  @anna@tokyo       somebody of the author's region, or of another

They are read as Markdown shows them: not in code, not in a link or an image, and not behind a backslash. Topics are
compared in lower case. What a text names beyond the bounds is not named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

from services.chassis.limits import TEXT_CHARACTERS_MAX
from services.chassis.markdown import make_parser

TOPICS_MAX = 10
TOPIC_CHARACTERS_MAX = 50
MENTIONS_MAX = 20
_MARKED = re.compile(r"#[\w.]|@[a-z0-9]", re.IGNORECASE)
_TOPIC = re.compile(r"(?<![\w#@&/])#(\.?\w[\w+#.-]*)")
_HANDLE, _REGION = r"[a-z0-9]+(?:[._-][a-z0-9]+)*", r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?"
_MENTION = re.compile(rf"(?<![\w@#.&/-])@({_HANDLE})(?:@({_REGION}))?(?![\w@])", re.IGNORECASE)
_HANDLE_LENGTHS = range(2, 33)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a text names, each once, in the order of the text; a mention is a region and a handle."""

    topics: tuple[str, ...] = ()
    mentions: tuple[tuple[str, str], ...] = ()


def read_marks(text: str, *, region: str) -> Marks:
    """Return what a text names that somebody of ``region`` has written."""
    if len(text) > TEXT_CHARACTERS_MAX or not _MARKED.search(text):  # reading Markdown takes a hundred times as long
        return Marks()
    shown = list(_shown(text))
    topics = dict.fromkeys(topic for part in shown for topic in _topics(part))
    mentions = dict.fromkeys(mention for part in shown for mention in _mentions(part, region))
    return Marks(tuple(topics)[:TOPICS_MAX], tuple(mentions)[:MENTIONS_MAX])


def parse_topic(topic: str) -> str:
    """Return a topic as it is compared, given with its # or without."""
    return unicodedata.normalize("NFC", topic.removeprefix("#")).lower()


def _topics(part: str) -> Iterator[str]:
    for match in _TOPIC.finditer(part):
        topic = parse_topic(match[1].rstrip(".-"))
        if len(topic) <= TOPIC_CHARACTERS_MAX and any(character.isalpha() for character in topic):
            yield topic


def _mentions(part: str, region: str) -> Iterator[tuple[str, str]]:
    for match in _MENTION.finditer(part):
        if len(match[1]) in _HANDLE_LENGTHS:
            yield (match[2] or region).lower(), match[1].lower()


def _shown(text: str) -> Iterator[str]:
    """Yield the parts of a text that are neither code nor in a link."""
    for token in _parser().parse(text):
        links = 0
        for child in token.children or ():
            links += child.nesting if child.type in ("link_open", "link_close") else 0
            if child.type == "text" and not links:
                yield child.content


@cache
def _parser() -> MarkdownIt:
    return make_parser().disable("text_join")  # it makes text of what stands behind a backslash
