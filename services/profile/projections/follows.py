"""Who follows whom: a register for each follower and followed."""

from __future__ import annotations

from typing import Final

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonUnfollowed
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection


def apply_person_followed(db: Connection, fact: Fact[PersonFollowed]) -> None:
    pair = _pair(fact)
    db.execute("insert into follows values (?, ?) on conflict do nothing", pair)
    if db.changes():
        _count(db, pair, 1)


def apply_person_unfollowed(db: Connection, fact: Fact[PersonUnfollowed]) -> None:
    pair = _pair(fact)
    db.execute("delete from follows where follower = ? and followed = ?", pair)
    if db.changes():
        _count(db, pair, -1)


def _pair(fact: Fact[PersonFollowed] | Fact[PersonUnfollowed]) -> tuple[str, str]:
    follower, followed = fact.payload.person_id, fact.payload.followed_id
    if follower != fact.actor or followed == follower:
        raise Refused
    return follower, followed


def _count(db: Connection, pair: tuple[str, str], change: int) -> None:
    follower, followed = pair
    db.execute("update people set following_count = following_count + ? where id = ?", (change, follower))
    db.execute("update people set follower_count = follower_count + ? where id = ?", (change, followed))


HANDLERS: Final[Handlers] = {PersonFollowed: apply_person_followed, PersonUnfollowed: apply_person_unfollowed}
