"""Small dumps that the tests make: a community in which everything happens once that happens in real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

Fields = Mapping[str, str]
_AT = "2014-01-21T20:26:05.383"
_COMMENTED_AT = "2014-01-22T10:00:00.000"

USERS: Sequence[Fields] = (
    {"Id": "-1", "DisplayName": "Community"},
    {"Id": "7", "DisplayName": "Åsa Öberg", "AboutMe": "<p>I brew <b>ale</b>.</p>"},
    {"Id": "8", "DisplayName": "Åsa Öberg"},
    {"Id": "9", "DisplayName": "웃웃"},
)
POSTS: Sequence[Fields] = (
    {"Id": "2", "PostTypeId": "2", "ParentId": "1", "OwnerUserId": "8", "Body": "<p>An early answer.</p>"},
    {
        "Id": "1",
        "PostTypeId": "1",
        "OwnerUserId": "7",
        "Title": "What is a citra hop?",
        "Body": "<p>Is it <em>bitter</em>?</p>",
        "Tags": "<hops><dry-hopping>",
        "AcceptedAnswerId": "2",
        "LastActivityDate": "2014-01-23T08:00:00.000",
    },
    {
        "Id": "3",
        "PostTypeId": "1",
        "OwnerDisplayName": "Gone",
        "Title": "Why foam?",
        "Body": "<p>Foam #1.</p>",
        "Tags": "<hops>",
        "AcceptedAnswerId": "4",
    },
    {"Id": "4", "PostTypeId": "2", "ParentId": "3", "OwnerUserId": "7", "Body": "<p>Protein.</p>"},
    {"Id": "5", "PostTypeId": "2", "ParentId": "3", "OwnerUserId": "77", "Body": "<p>From nobody known.</p>"},
    {"Id": "6", "PostTypeId": "4", "Body": "<p>About hops.</p>"},
    {"Id": "7", "PostTypeId": "2", "ParentId": "99", "OwnerUserId": "7", "Body": "<p>To nothing.</p>"},
)
COMMENTS: Sequence[Fields] = (
    {
        "Id": "1",
        "PostId": "1",
        "UserId": "8",
        "Text": "See [this](http://example.org/a_b).",
        "CreationDate": _COMMENTED_AT,
    },
    {"Id": "2", "PostId": "4", "UserId": "9", "Text": "Indeed.", "CreationDate": _COMMENTED_AT},
    {"Id": "3", "PostId": "6", "UserId": "9", "Text": "On a wiki.", "CreationDate": _COMMENTED_AT},
    {"Id": "4", "PostId": "4", "UserDisplayName": "Gone", "Text": "Hm.", "CreationDate": _COMMENTED_AT},
)
VOTES: Sequence[Fields] = (
    {"Id": "1", "PostId": "1", "VoteTypeId": "2"},
    {"Id": "2", "PostId": "1", "VoteTypeId": "2"},
    {"Id": "3", "PostId": "4", "VoteTypeId": "2"},
    {"Id": "4", "PostId": "1", "VoteTypeId": "3"},
    {"Id": "5", "PostId": "2", "VoteTypeId": "1", "CreationDate": "2014-01-22T00:00:00.000"},
    {"Id": "6", "PostId": "98", "VoteTypeId": "2"},
)
BADGES: Sequence[Fields] = ({"Id": "1", "UserId": "7", "Name": "Student"},)


def row(fields: Fields) -> str:
    """Return a row of a dump; a record gets a time unless it has one."""
    values = {"CreationDate": _AT, **fields}
    return f"  <row {' '.join(f'{name}={quoteattr(value)}' for name, value in values.items())} />\n"


def table(name: str, rows: Sequence[Fields]) -> str:
    """Return the text of one file of a dump."""
    body = "".join(map(row, rows))
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<{name}>\n{body}</{name}>\n'


def write_dump(
    folder: Path,
    *,
    users: Sequence[Fields] = USERS,
    posts: Sequence[Fields] = POSTS,
    comments: Sequence[Fields] = COMMENTS,
    votes: Sequence[Fields] = VOTES,
    badges: Sequence[Fields] = BADGES,
) -> Path:
    """Write a dump into ``folder``, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"users": users, "posts": posts, "comments": comments, "votes": votes, "badges": badges}
    for name, rows in tables.items():
        (folder / f"{name.capitalize()}.xml").write_text(table(name, rows), encoding="utf-8")
    return folder
