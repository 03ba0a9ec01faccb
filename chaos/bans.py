"""What stays of somebody who was banned: what their home's log held as far as the group had heard of it, and no more.

Only the ban itself says how far that was, so it is read in the log of the group's home; where each thing stands is read in
the log of its author's home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos.expected import Comment, Expected, Post
from chaos.journal import UNNAMED
from chaos.streams import Entry

BANNED = "samverka.feed.v1.MemberBanned"
PUBLISHED, COMMENTED = "samverka.feed.v1.PostPublished", "samverka.feed.v1.CommentAdded"
_GROUP, _PERSON, _STAYS_UNTIL = 1, 2, 3
_WRITTEN, _BODY = 1, 3


def banish(expected: Expected, logs: Mapping[str, Sequence[Entry]]) -> None:
    """Mark what came behind its author's ban as shown to nobody."""
    bans = {
        (entry.fact.text(_GROUP), entry.fact.text(_PERSON)): entry.fact.number(_STAYS_UNTIL)
        for region, entries in logs.items()
        for entry in entries
        if entry.fact is not None and entry.fact.kind == BANNED and entry.region == region
    }
    known = _known(expected)
    for region, entries in logs.items():
        for entry in entries:
            if entry.fact is not None and entry.fact.kind in (PUBLISHED, COMMENTED) and entry.region == region:
                written = known.get(entry.fact.text(_WRITTEN)) or known.get(entry.fact.text(_BODY))
                if written is not None and entry.sequence > bans.get(_owner(expected, written), entry.sequence):
                    written.banished = True


def _known(expected: Expected) -> dict[str, Post | Comment]:
    """Return what was written by its id or, where nobody was told that, by its text, which nothing else has."""
    unnamed = {each.body: each for name, each in expected.comments.items() if name.startswith(UNNAMED)}
    return {**expected.written, **unnamed}


def _owner(expected: Expected, written: Post | Comment) -> tuple[str, str]:
    group = written.group if isinstance(written, Post) else expected.posts[written.post].group
    return group, written.author
