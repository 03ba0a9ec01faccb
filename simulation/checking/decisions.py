"""What moderators asked for was decided once, where the group has its home, as the group's register said then, and in order.

The home's log is the one order in which anything about a group is decided. It is read here from its beginning; what follows
from it is what every region must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_VISIBILITY_PRIVATE,
    AnswerRuled,
    CommentAdded,
    GroupCreated,
    MemberBanned,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    MembershipRequested,
    ModerationDeclined,
    ModerationRequested,
    PostPublished,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.envelope import open_event, payload_name
from services.chassis.eventlog.port import Entry
from services.chassis.eventlog.subjects import stream_name
from services.chassis.ids import region_of
from simulation.checking.effects import take_effect
from simulation.checking.logs import is_forged, owner_of
from simulation.checking.registers import GRANTED, GRANTS, Joins, Register
from simulation.reference import Reference
from simulation.reference.decided import Decided
from simulation.reference.groups import Request
from simulation.trace import Violation

_Written = PostPublished | CommentAdded
_Joined = MemberJoined | MembershipRequested


def settle_decisions(logs: Mapping[str, Sequence[Entry]], reference: Reference) -> None:
    """Learn what the homes decided, and look whether they should have."""
    groups = reference.groups
    groups.decided = Decided()
    for log in logs.values():
        home = _Home(reference)
        for entry in log:
            home.read(entry)
    for request in groups.requests.values():
        outcome = groups.decided.outcomes.get((request.group_id, request.id))
        if outcome is None and request.person not in reference.erased:
            raise Violation(f"nobody decided {request}")
        if request.told_reason not in (None, outcome):
            raise Violation(f"{request.person} was told something else than {outcome!r} of {request}")
    for pair, role in groups.given.items():
        if pair not in groups.disputed and groups.decided.roles.get(pair, GROUP_ROLE_MEMBER) != role:
            raise Violation(f"the role {role} that was given to {pair} is not in the group's register")


class _Home:
    """Reads one region's log, and knows its groups as they are at that entry."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._decided = reference.groups.decided
        self._registers: dict[str, Register] = {}
        self._joins: dict[str, Joins] = {}
        self._waiting: dict[tuple[str, str], list[str]] = {}
        """Of a group and a moderator, the requests that are not decided yet."""
        self._heard: dict[str, int] = {}
        self._erased: set[str] = set()

    def read(self, entry: Entry) -> None:
        if entry.source is not None:
            self._heard[entry.source.stream] = entry.source.sequence
        event = open_event(entry.data)
        kind = _KINDS.get(payload_name(event)) if event else None
        if event is None or kind is None:
            return
        payload = kind.FromString(event.payload.value)
        if isinstance(payload, _Written) and entry.source is None:
            content_id = payload.post_id if isinstance(payload, PostPublished) else payload.comment_id
            self._decided.places.setdefault(content_id, entry.sequence)
        if is_forged(entry):
            return
        if isinstance(payload, _Joined | MemberLeft):
            joins = self._joins.setdefault(payload.group_id, Joins())
            joins.move(event.actor, event.id if isinstance(payload, _Joined) else "")
        elif isinstance(payload, ModerationRequested):
            self._waiting.setdefault((payload.group_id, event.actor), []).append(payload.request_id)
        elif entry.source is None and event.actor not in self._erased:
            self._decide(entry, event, payload)

    def _decide(self, entry: Entry, event: Event, payload: Any) -> None:
        if isinstance(payload, ErasureOrdered):
            self._erased.add(payload.person_id)
        elif isinstance(payload, GroupCreated):
            joins = self._joins.setdefault(payload.group_id, Joins())
            joins.move(event.actor, event.id)
            private = payload.visibility == GROUP_VISIBILITY_PRIVATE
            self._registers[payload.group_id] = Register(
                payload.group_id, event.actor, private=private, joins=joins, decided=self._decided
            )
        elif not isinstance(payload, _Written) and payload.group_id == owner_of(entry):
            if not isinstance(payload, MemberRoleSet):
                self._settle(entry, payload, event.actor)
            take_effect(payload, self._decided)
            self._joins[payload.group_id].settle()

    def _settle(self, entry: Entry, decision: Any, actor: str) -> None:
        key = (decision.group_id, decision.request_id)
        request = self._reference.groups.requests.get(decision.request_id)
        if key in self._decided.outcomes:
            raise Violation(f"{decision.request_id} was decided twice")
        if request is not None and actor not in self._reference.erased:
            if self._waiting[decision.group_id, actor].pop(0) != request.id:
                raise Violation(f"{request} was decided before what {actor} had asked for earlier")
            register = self._registers[decision.group_id]
            outcome = decision.reason if isinstance(decision, ModerationDeclined) else GRANTED
            may_be = outcome in register.outcomes(request) and actor == request.person
            if not may_be or (outcome == GRANTED and not self._grants(entry, decision, request, register)):
                raise Violation(f"{request} was decided otherwise than the register of the group says: {decision}")

    def _grants(self, entry: Entry, decision: Any, request: Request, register: Register) -> bool:
        """Whether a decision does what was asked for, and no more."""
        if not isinstance(decision, GRANTS[register.action_of(request)]):
            return False
        if isinstance(decision, MemberBanned):
            return decision.person_id == request.about and self._bans(entry, decision, request, register)
        if isinstance(decision, AnswerRuled):
            return (decision.post_id, decision.comment_id) == (request.content_id, request.answer_id)
        return all(
            getattr(decision, name) == wanted
            for name, wanted in (
                ("content_id", request.content_id),
                ("person_id", request.about),
                ("join_id", request.join_id),
            )
            if name in decision.DESCRIPTOR.fields_by_name
        )

    def _bans(self, entry: Entry, ban: MemberBanned, request: Request, register: Register) -> bool:
        """Whether a ban ends the join that is known here, and leaves no more than what has been heard of here.

        Of an origin whose people were erased, more had been heard than the log still has.
        """
        home, origin = region_of(ban.group_id), region_of(ban.person_id)
        heard = entry.sequence - 1 if origin == home else self._heard.get(stream_name(origin), 0)
        knowable = ban.stays_until <= heard or origin in map(region_of, self._reference.erased)
        joins = {join or request.join_id for join in register.joins.of(ban.person_id)}
        return knowable and (ban.join_id in joins or ban.person_id in self._reference.erased)


def _by_name(kinds: Iterable[type[Message]]) -> Mapping[str, type[Message]]:
    return {kind.DESCRIPTOR.full_name: kind for kind in kinds}


_KINDS = _by_name(
    (
        GroupCreated,
        MemberRoleSet,
        MemberJoined,
        MembershipRequested,
        MemberLeft,
        PostPublished,
        CommentAdded,
        ModerationRequested,
        *GRANTS.values(),
        ModerationDeclined,
        ErasureOrdered,
    )
)
