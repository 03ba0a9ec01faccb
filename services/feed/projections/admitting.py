"""Whom groups let in, remove and ban: decisions of their homes, about people anywhere."""

from __future__ import annotations

from typing import Any, Final

from services.chassis.envelope import Fact
from services.chassis.group_registers import decisions_on_people, member_of
from services.chassis.projection import Handlers
from services.chassis.store import Connection
from services.feed.projections.deciding import settle_request
from services.feed.projections.hiding import hide_author
from services.feed.projections.membership import settle_member


def _settle_person(db: Connection, fact: Fact[Any]) -> None:
    """Look whether the person is in now, and what of theirs is shown."""
    group_id, local, person = member_of(fact)
    settle_member(db, group_id, person, local=local)
    hide_author(db, group_id, person, local=local)


HANDLERS: Final[Handlers] = decisions_on_people(settle_request=settle_request, settle_person=_settle_person)
