"""Moderators' requests: what was asked, what has become of it, and what this region has yet to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from samverka.feed.v1.feed_events_pb2 import ModerationAction
from samverka.feed.v1.feed_views_pb2 import (
    MODERATION_STATE_DECLINED,
    MODERATION_STATE_DONE,
    MODERATION_STATE_PENDING,
    Moderation,
)
from services.chassis.eventlog.subjects import Reach
from services.chassis.policies import Pending
from services.chassis.store import Connection
from services.feed.standing import reach_of


@dataclass(frozen=True, slots=True)
class Request:
    """What ``person`` wants to be done with content of the group, or about somebody and the join of theirs."""

    id: str
    reach: Reach
    person: str
    group_id: str
    content_id: str
    action: ModerationAction.ValueType
    reason: str
    about_person: str
    join_id: str
    answer_id: str
    decided: bool


def find_request(db: Connection, request_id: str) -> Request | None:
    """Return a request, decided or not."""
    row = db.execute(
        """
        select local, person, group_id, content_id, action, reason, about_person, join_id, answer_id, decided
        from moderation_requests where id = ? order by local limit 1
        """,
        (request_id,),
    ).fetchone()
    if row is None:
        return None
    local, person, group_id, content_id, action, reason, about_person, join_id, answer_id, decided = row
    return Request(
        request_id,
        reach_of(local),
        str(person),
        str(group_id),
        str(content_id),
        cast("ModerationAction.ValueType", action),
        str(reason),
        str(about_person),
        str(join_id),
        str(answer_id),
        bool(decided),
    )


def find_before(db: Connection, asked: Request) -> Request | None:
    """Return the first request that the same moderator made of the group before, if it has yet to be decided."""
    row = db.execute(
        """
        select before.id from moderation_requests before
        join moderation_requests later on later.id = ?1 and later.local = ?2
        where before.decided = 0 and before.home = later.home and before.sequence < later.sequence
            and before.local = later.local and before.group_id = later.group_id and before.person = later.person
        order by before.sequence limit 1
        """,
        (asked.id, asked.reach == "local"),
    ).fetchone()
    return find_request(db, str(row[0])) if row else None


def find_moderation(db: Connection, request_id: str) -> Moderation | None:
    """Return what has become of a request, as far as it is known here."""
    row = db.execute(
        """
        select content_id, about_person, declined_reason from moderation_requests asked
        left join moderation_outcomes outcome
            on outcome.group_id = asked.group_id and outcome.local = asked.local and outcome.request_id = asked.id
        where asked.id = ? order by asked.local limit 1
        """,
        (request_id,),
    ).fetchone()
    if row is None:
        return None
    content_id, person_id, declined_reason = row
    asked = Moderation(id=request_id, content_id=content_id, person_id=person_id, state=MODERATION_STATE_PENDING)
    if declined_reason is not None:
        asked.state = MODERATION_STATE_DECLINED if declined_reason else MODERATION_STATE_DONE
        asked.declined_reason = declined_reason
    return asked


def pending_requests(db: Connection, after: int, most: int, *, region: str) -> Sequence[Pending]:
    """Return the requests after a sequence that groups at home in ``region`` have yet to decide."""
    rows = db.execute(
        """
        select sequence, id from moderation_requests indexed by moderation_requests_pending
        where decided = 0 and home = ? and sequence > ? order by sequence limit ?
        """,
        (region, after, most),
    )
    return [Pending(int(str(sequence)), str(request_id)) for sequence, request_id in rows]
