"""The erasure of a person from the feed: what is left is what there would be if they had never written anything.

It reads the tables from end to end: an erasure is rare, and an index that only it uses would cost every write.
"""

from __future__ import annotations

from services.chassis.store import Connection
from services.feed.projections.counting import change_reaction_count


def erase_person(db: Connection, person: str) -> None:
    """Remove the person's posts, comments and reactions, their name, and whom they follow."""
    reactions = db.execute("delete from reactions where person = ? returning target_id, emoji", (person,)).fetchall()
    for target_id, emoji in reactions:
        change_reaction_count(db, str(target_id), str(emoji), -1)
    comments = db.execute("delete from comments where author = ? returning post_id, deleted", (person,)).fetchall()
    for post_id, deleted in comments:
        db.execute("update posts set comment_count = comment_count - ? where id = ?", (not deleted, post_id))
    db.execute("delete from posts where author = ?", (person,))
    db.execute("delete from home_sources where reader = ?", (person,))
    db.execute("delete from people where id = ?", (person,))
