"""What people may write: Markdown, bounded."""

from __future__ import annotations

from services.chassis.text import parse_text

POST_CHARACTERS_MAX = 20_000
COMMENT_CHARACTERS_MAX = 8_000


def parse_post_body(body: str) -> str:
    """Return the body of a post. Raises Invalid."""
    return parse_text(body, field="body", characters_max=POST_CHARACTERS_MAX)


def parse_comment_body(body: str) -> str:
    """Return the body of a comment. Raises Invalid."""
    return parse_text(body, field="body", characters_max=COMMENT_CHARACTERS_MAX)
