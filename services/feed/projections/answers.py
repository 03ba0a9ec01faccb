"""Which answer to a question is accepted: its author's register, and that of the group that it stands in."""

from __future__ import annotations

from typing import Final

from samverka.feed.v1.feed_events_pb2 import POST_KIND_QUESTION, AnswerAccepted, AnswerRuled, AnswerUnaccepted
from services.chassis.envelope import Fact
from services.chassis.group_registers import require_moderator
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.projections.deciding import settle_request
from services.feed.projections.settling import settle_post


def apply_answer_accepted(db: Connection, fact: Fact[AnswerAccepted]) -> None:
    _choose(db, fact, fact.payload.comment_id)


def apply_answer_unaccepted(db: Connection, fact: Fact[AnswerUnaccepted]) -> None:
    _choose(db, fact, "")


def apply_answer_ruled(db: Connection, fact: Fact[AnswerRuled]) -> None:
    ruled = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        "insert into answer_rulings values (?, ?, ?, ?) on conflict do update set comment_id = excluded.comment_id",
        (ruled.post_id, fact.local, ruled.group_id, ruled.comment_id),
    )
    settle_post(db, ruled.post_id, local=fact.local)


def _choose(db: Connection, fact: Fact[AnswerAccepted] | Fact[AnswerUnaccepted], comment_id: str) -> None:
    post_id = fact.payload.post_id
    db.execute(
        "update posts set chosen = ? where id = ? and local = ? and author = ? and deleted = 0 and kind = ?",
        (comment_id, post_id, fact.local, fact.actor, POST_KIND_QUESTION),
    )
    if not db.changes():
        raise Refused
    settle_post(db, post_id, local=fact.local)


HANDLERS: Final[Handlers] = {
    AnswerAccepted: apply_answer_accepted,
    AnswerUnaccepted: apply_answer_unaccepted,
    AnswerRuled: apply_answer_ruled,
}
