"""The counts of reactions and votes that stand in the row of what they are about.

Emoji stand in a JSON object in the order of their code points, so that the text depends on the counts alone and not on
who reacted first. A reaction counts on a target of its own reach, and so does a vote, unless it is for the voter's own.
"""

from __future__ import annotations

import orjson

from services.chassis.store import Connection, one_row


def count_reactions(db: Connection, target_id: str, *, local: bool) -> str:
    """Return the counts of the reactions that are there already, as JSON."""
    rows = db.execute(
        "select emoji, count(*) from reactions where target_id = ? and local = ? group by emoji", (target_id, local)
    )
    return _json({str(emoji): int(str(count)) for emoji, count in rows})


def change_reaction_count(db: Connection, target_id: str, emoji: str, change: int, *, local: bool) -> None:
    """Add ``change`` to the count of one emoji; a target that has not arrived counts when it does."""
    for table in ("posts", "comments"):
        row = db.execute(f"select reactions from {table} where id = ? and local = ?", (target_id, local)).fetchone()
        if row is not None:
            counts = orjson.loads(row[0])
            counts[emoji] = counts.get(emoji, 0) + change
            update = f"update {table} set reactions = ? where id = ? and local = ?"
            db.execute(update, (_json(counts), target_id, local))


def count_helpful(db: Connection, target_id: str, author: str, *, local: bool) -> int:
    """Return how many others it has helped already."""
    find = "select count(*) from helpful where target_id = ? and local = ? and person != ?"
    return int(one_row(db, find, (target_id, local, author))[0])


def change_helpful_count(db: Connection, target_id: str, person: str, change: int, *, local: bool) -> None:
    """Add ``change``, a vote of ``person``'s, to how many it has helped; what has yet to arrive counts when it does."""
    for table in ("posts", "comments"):
        update = f"update {table} set helpful_count = helpful_count + ? where id = ? and local = ? and author != ?"
        db.execute(update, (change, target_id, local, person))


def _json(counts: dict[str, int]) -> str:
    return orjson.dumps({emoji: n for emoji, n in counts.items() if n > 0}, option=orjson.OPT_SORT_KEYS).decode()
