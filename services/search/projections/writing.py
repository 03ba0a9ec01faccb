"""Documents: how a row comes in, and how the index learns that it has to look at one again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from samverka.search.v1.search_views_pb2 import HIT_KIND_GROUP, HitKind
from services.chassis.envelope import Fact
from services.chassis.projection import Refused
from services.chassis.store import Connection


@dataclass(frozen=True, slots=True)
class Document:
    """What an event brings that can be found."""

    kind: HitKind.ValueType
    id: str
    body: str
    title: str = ""
    called: str = ""
    group_id: str | None = None
    post_id: str | None = None
    question: bool = False
    answer: bool = False


def add_document(db: Connection, fact: Fact[Message], document: Document) -> None:
    """Write a document that its actor is the author of. Raises Refused if there has ever been one of its id and kind."""
    db.execute(
        """
        insert into documents values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13, ?14, 0, ?1)
        on conflict (id, local, kind) do nothing
        """,
        (
            fact.sequence,
            fact.origin_sequence,
            document.kind,
            document.id,
            fact.local,
            fact.actor,
            document.group_id,
            document.post_id,
            document.question,
            document.answer,
            document.called,
            document.title,
            document.body,
            fact.at_ms,
        ),
    )
    require_effect(db)


def require_effect(db: Connection) -> None:
    """Raise Refused unless a row was written: it is another's, or not one that this can still happen to."""
    if not db.changes():
        raise Refused


def remove(db: Connection, sequence: int, *, now: int) -> None:
    """Have the index forget a row that is there no more."""
    db.execute("insert or replace into removals values (?, ?)", (sequence, now))


def touch_below(db: Connection, post_id: str, sequence: int, *, local: bool) -> None:
    """Have the index look again at the comments below a post."""
    db.execute("update documents set changed = ? where post_id = ? and local = ?", (sequence, post_id, local))


def touch(db: Connection, content_id: str, sequence: int, *, local: bool) -> None:
    """Have the index look again at a post or a comment, and at what stands below it."""
    db.execute(
        "update documents set changed = ? where id = ? and local = ? and kind != ?",
        (sequence, content_id, local, HIT_KIND_GROUP),
    )
    touch_below(db, content_id, sequence, local=local)


def touch_author(db: Connection, group_id: str, author: str, sequence: int, *, local: bool) -> None:
    """Have the index look again at what somebody wrote in a group, and at what stands below it."""
    _touch_inside(db, "and author = :author", {"group": group_id, "author": author, "now": sequence, "local": local})


def touch_group(db: Connection, group_id: str, sequence: int, *, local: bool) -> None:
    """Have the index look again at all that was written in a group."""
    _touch_inside(db, "", {"group": group_id, "now": sequence, "local": local})


def _touch_inside(db: Connection, which: str, values: dict[str, Any]) -> None:
    posts = "select id from documents where group_id = :group and local = :local"
    db.execute(f"update documents set changed = :now where group_id = :group and local = :local {which}", values)
    db.execute(
        f"""
        update documents set changed = :now where local = :local and post_id in ({posts} {which})
        """,
        values,
    )
    if which:
        db.execute(f"update documents set changed = :now where local = :local and post_id in ({posts}) {which}", values)
