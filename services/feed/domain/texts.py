"""What people may write: Markdown, bounded."""

from __future__ import annotations

from services.chassis.limits import TEXT_CHARACTERS_MAX
from services.chassis.text import parse_text

POST_CHARACTERS_MAX = TEXT_CHARACTERS_MAX
COMMENT_CHARACTERS_MAX = 8_000
ANSWER_CHARACTERS_MAX = POST_CHARACTERS_MAX


def parse_post_body(body: str) -> str:
    """Return the body of a post. Raises Invalid."""
    return parse_text(body, field="body", characters_max=POST_CHARACTERS_MAX)


def parse_comment_body(body: str, *, answer: bool = False) -> str:
    """Return the body of a comment, which may be as long as a post where it answers a question. Raises Invalid."""
    characters_max = ANSWER_CHARACTERS_MAX if answer else COMMENT_CHARACTERS_MAX
    return parse_text(body, field="body", characters_max=characters_max)
