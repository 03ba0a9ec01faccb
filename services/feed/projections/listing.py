"""The lists that a post is in besides its group's and its author's: of questions, and of mentions."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION
from services.chassis.store import Connection
from services.feed.domain.questions import question_state

Named = Iterable[tuple[str, str]]
"""Regions, and handles of people there."""
_AUDIENCE = """
    (select case when p.open = 1 then '' else p.group_id end from posts p
    where p.id = mentions.post_id and p.local = mentions.local and p.deleted = 0 and p.hidden = 0
        and (mentions.comment = 0 or exists (
            select 1 from comments c
            where c.id = mentions.content_id and c.local = mentions.local and c.deleted = 0 and c.hidden = 0
        )))
"""


def list_post(db: Connection, post_id: str, *, local: bool) -> None:
    """Put a post and what is below it into the lists that they belong in now."""
    db.execute(f"update mentions set audience = {_AUDIENCE} where post_id = ? and local = ?", (post_id, local))
    row = db.execute(
        """
        select sequence, kind, deleted = 0 and hidden = 0, open, group_id, topics, answer_count, accepted
        from posts where id = ? and local = ?
        """,
        (post_id, local),
    ).fetchone()
    if row is not None and row[1] == POST_KIND_QUESTION:
        sequence, _, shown, is_open, group_id, topics, answers, accepted = row
        unlist_post(db, int(str(sequence)))
        if shown:
            groups = [("", False)] * bool(is_open) + [(str(group_id), local)] * (group_id is not None)
            state = question_state(answers=int(str(answers)), accepted=bool(accepted))
            listed = [
                (*group, topic, state, sequence) for group in groups for topic in ("", *orjson.loads(str(topics)))
            ]
            db.executemany("insert into question_lists values (?, ?, ?, ?, ?)", listed)


def unlist_post(db: Connection, sequence: int) -> None:
    """Take a question out of all lists."""
    db.execute("delete from question_lists where sequence = ?", (sequence,))


def name_in_post(db: Connection, post_id: str, named: Named, *, sequence: int, local: bool) -> None:
    """Write down whom a post names now; ``list_post`` says who is told of it."""
    _name(db, (post_id, local, False), post_id, named, sequence)


def name_in_comment(db: Connection, comment_id: str, post_id: str, named: Named, *, sequence: int, local: bool) -> None:
    """Write down whom a comment names now; ``list_post`` says who is told of it."""
    _name(db, (comment_id, local, True), post_id, named, sequence)


def _name(db: Connection, content: tuple[str, bool, bool], post_id: str, named: Named, sequence: int) -> None:
    db.execute("delete from mentions where content_id = ? and local = ? and comment = ?", content)
    rows = [(region, handle, *content, post_id, sequence) for region, handle in named]
    db.executemany("insert into mentions values (?, ?, ?, ?, ?, ?, null, ?)", rows)
