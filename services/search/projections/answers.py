"""Which answers are accepted, and since when: the registers of who asked, and of the groups. The rules are the feed's."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import AnswerAccepted, AnswerRuled, AnswerUnaccepted
from samverka.search.v1.search_views_pb2 import HIT_KIND_POST
from services.chassis.envelope import Fact
from services.chassis.group_registers import require_moderator
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.search.projections.deciding import settle_request


def apply_answer_accepted(db: Connection, fact: Fact[AnswerAccepted]) -> None:
    accepted = fact.payload
    _require_asker(db, fact)
    db.execute(
        """
        insert into acceptances values (?, ?, ?, ?, ?)
        on conflict do update set comment_id = excluded.comment_id, at_ms = excluded.at_ms
        """,
        (accepted.post_id, fact.local, fact.actor, accepted.comment_id, fact.at_ms),
    )


def apply_answer_unaccepted(db: Connection, fact: Fact[AnswerUnaccepted]) -> None:
    _require_asker(db, fact)
    db.execute("delete from acceptances where post_id = ? and local = ?", (fact.payload.post_id, fact.local))


def apply_answer_ruled(db: Connection, fact: Fact[AnswerRuled]) -> None:
    ruled = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        """
        insert into answer_rulings values (?, ?, ?, ?, ?)
        on conflict do update set comment_id = excluded.comment_id, at_ms = excluded.at_ms
        """,
        (ruled.post_id, fact.local, ruled.group_id, ruled.comment_id, fact.at_ms),
    )


def _require_asker(db: Connection, fact: Fact[Any]) -> None:
    """Refuse to say anything of a question that is not the actor's, or no longer there."""
    find = "select 1 from documents where id = ? and local = ? and author = ? and kind = ? and question = 1 and deleted = 0"
    if db.execute(find, (fact.payload.post_id, fact.local, fact.actor, HIT_KIND_POST)).fetchone() is None:
        raise Refused


HANDLERS: Final[Handlers] = {
    AnswerAccepted: apply_answer_accepted,
    AnswerUnaccepted: apply_answer_unaccepted,
    AnswerRuled: apply_answer_ruled,
}
