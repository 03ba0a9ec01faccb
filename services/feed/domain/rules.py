"""Who may do what to posts and comments, and what there must be for it."""

from __future__ import annotations

from typing import TypeVar

from services.chassis.errors import Exhausted, Forbidden, NotFound
from services.feed.domain.reactions import EMOJI_PER_PERSON_MAX

Found = TypeVar("Found")


def require_person(found: object) -> None:
    """Raise NotFound unless the actor is somebody whom the feed knows."""
    if not found:
        raise NotFound("Sign in first.", code="person_not_found")


def require_post(found: Found | None) -> Found:
    """Return a post that is there; None where it is not, or is deleted, or is hidden from the actor."""
    if found is None:
        raise NotFound("There is no such post.", code="post_not_found", field="post_id")
    return found


def require_comment(found: Found | None) -> Found:
    """Return a comment that is there; None where it is not, or is deleted, or is hidden from the actor."""
    if found is None:
        raise NotFound("There is no such comment.", code="comment_not_found", field="comment_id")
    return found


def require_target(found: Found | None) -> Found:
    """Return what is reacted to, if it is there."""
    if found is None:
        raise NotFound("There is no such post or comment.", code="target_not_found", field="target_id")
    return found


def require_author(actor: str, author: str, *, field: str) -> None:
    """Raise Forbidden unless the actor wrote it."""
    if actor != author:
        raise Forbidden("Only its author may do that.", code="not_author", field=field)


def require_no_praise(praise: bool) -> None:
    """Raise Forbidden for the post that shows a recognition: it says what that says, and goes when that is withdrawn."""
    if praise:
        raise Forbidden("Withdraw the recognition instead.", code="shows_recognition", field="post_id")


def require_room_for_emoji(count: int) -> None:
    """Raise Exhausted if the actor has put as many different emoji there as they may."""
    if count >= EMOJI_PER_PERSON_MAX:
        raise Exhausted(
            f"At most {EMOJI_PER_PERSON_MAX} different emoji of one person.", code="too_many_reactions", field="emoji"
        )
