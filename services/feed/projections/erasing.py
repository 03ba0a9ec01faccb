"""The erasure of a person from the feed: what is left is what there would be if they had never written anything.

What a group decided stays the group's, also where the erased asked for it or was given a role. The tables are read from end
to end: an erasure is rare, and an index that only it uses would cost every write.
"""

from __future__ import annotations

from services.chassis.store import Connection
from services.feed.projections.counting import change_helpful_count, change_reaction_count
from services.feed.projections.hiding import hide_comments
from services.feed.projections.listing import name_in_comment, name_in_post, unlist_post
from services.feed.projections.membership import leave
from services.feed.projections.praising import erase_praises_by, settle_praises_of
from services.feed.projections.settling import settle_post


def erase_person(db: Connection, person: str) -> None:
    """Remove what the person wrote, reacted with and voted for, whom they joined, asked and follow, and their name."""
    _erase_reactions(db, person)
    _erase_votes(db, person)
    comments = db.execute("delete from comments where author = ? returning post_id, local, id", (person,)).fetchall()
    for post_id, local, comment_id in comments:
        name_in_comment(db, str(comment_id), str(post_id), (), sequence=0, local=bool(local))
    for post_id, local in {(post_id, local) for post_id, local, _ in comments}:
        settle_post(db, str(post_id), local=bool(local))
    posts = db.execute("delete from posts where author = ? returning id, local, sequence", (person,)).fetchall()
    for post_id, local, sequence in posts:
        unlist_post(db, int(str(sequence)))
        name_in_post(db, str(post_id), (), sequence=0, local=bool(local))
        hide_comments(db, str(post_id), local=bool(local))
    for group_id, local in db.execute("select group_id, local from memberships where person = ?", (person,)).fetchall():
        leave(db, str(group_id), person, local=bool(local))
    db.execute("delete from moderation_requests where person = ?", (person,))
    db.execute("delete from home_sources where reader = ?", (person,))
    db.execute("delete from people where id = ?", (person,))
    erase_praises_by(db, person)
    settle_praises_of(db, person)


def _erase_reactions(db: Connection, person: str) -> None:
    reactions = db.execute(
        "delete from reactions where person = ? returning target_id, emoji, local", (person,)
    ).fetchall()
    for target_id, emoji, local in reactions:
        change_reaction_count(db, str(target_id), str(emoji), -1, local=bool(local))


def _erase_votes(db: Connection, person: str) -> None:
    votes = db.execute("delete from helpful where person = ? returning target_id, local", (person,)).fetchall()
    for target_id, local in votes:
        change_helpful_count(db, str(target_id), person, -1, local=bool(local))
