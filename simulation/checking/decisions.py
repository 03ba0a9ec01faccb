"""What moderators asked for was decided once, where the group has its home, and as the group's register said then.

The home's log is the one order in which anything about a group is decided. It is read here from its beginning, by rules
that are written down once more; what follows from it is what every region must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import Event
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    MODERATION_ACTION_HIDE,
    ContentHidden,
    ContentRestored,
    GroupCreated,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    ModerationDeclined,
)
from samverka.network.v1.network_events_pb2 import ErasureOrdered
from services.chassis.envelope import open_event, payload_name
from services.chassis.eventlog.port import Entry
from simulation.checking.logs import is_forged, owner_of
from simulation.reference import Reference
from simulation.reference.groups import Request
from simulation.trace import Violation

Decision = ContentHidden | ContentRestored | ModerationDeclined
_NOT_MODERATOR = "not_moderator"


def settle_decisions(logs: Mapping[str, Sequence[Entry]], reference: Reference) -> None:
    """Learn what the homes decided, and look whether they should have."""
    groups = reference.groups
    groups.outcomes.clear()
    groups.moderated.clear()
    for log in logs.values():
        home = _Home(reference)
        for entry in log:
            if not is_forged(entry):
                home.read(entry)
    for request in groups.requests.values():
        outcome = groups.outcomes.get((request.group_id, request.id))
        if outcome is None and request.person not in reference.erased:
            raise Violation(f"nobody decided {request}")
        if request.told_reason not in (None, outcome):
            raise Violation(f"{request.person} was told something else than {outcome!r} of {request}")


@dataclass(slots=True)
class _Register:
    """What a group's register says, and whose membership has changed since it last moved.

    A decision stands on the register as it is, and on memberships as they were at any time since.
    """

    owner: str
    moderators: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)

    def moved(self) -> None:
        self.left.clear()
        self.joined.clear()

    def may_have_been_moderator(self, person: str) -> bool:
        return person == self.owner or (person in self.moderators and person in self.members | self.left)

    def may_have_been_none(self, person: str) -> bool:
        return person != self.owner and (
            person not in self.moderators or person not in self.members or person in self.joined
        )


class _Home:
    """Reads one region's log, and knows its groups as they are at that entry."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._registers: dict[str, _Register] = {}
        self._members: dict[str, set[str]] = {}
        self._erased: set[str] = set()

    def read(self, entry: Entry) -> None:
        event = open_event(entry.data)
        kind = _KINDS.get(payload_name(event)) if event else None
        if event is None or kind is None:
            return
        payload = kind.FromString(event.payload.value)
        if isinstance(payload, MemberJoined | MemberLeft):
            self._move_member(payload, event.actor)
        elif entry.source is None and event.actor not in self._erased:
            self._decide(entry, event, payload)

    def _move_member(self, payload: MemberJoined | MemberLeft, person: str) -> None:
        members = self._members.setdefault(payload.group_id, set())
        register = self._registers.get(payload.group_id)
        if isinstance(payload, MemberJoined):
            members.add(person)
        else:
            members.discard(person)
        if register is not None:
            (register.joined if isinstance(payload, MemberJoined) else register.left).add(person)

    def _decide(self, entry: Entry, event: Event, payload: Message) -> None:
        if isinstance(payload, ErasureOrdered):
            self._erased.add(payload.person_id)
        elif isinstance(payload, GroupCreated):
            members = self._members.setdefault(payload.group_id, set())
            members.add(event.actor)
            self._registers[payload.group_id] = _Register(event.actor, members=members)
        elif isinstance(payload, MemberRoleSet):
            register = self._registers[payload.group_id]
            given = register.moderators.add if payload.role == GROUP_ROLE_MODERATOR else register.moderators.discard
            given(payload.person_id)
            register.moved()
        elif isinstance(payload, Decision) and payload.group_id == owner_of(entry):
            self._settle(payload, event.actor, self._registers[payload.group_id])

    def _settle(self, decision: Decision, actor: str, register: _Register) -> None:
        groups, key = self._reference.groups, (decision.group_id, decision.request_id)
        request = groups.requests.get(decision.request_id)
        if key in groups.outcomes:
            raise Violation(f"{decision.request_id} was decided twice")
        if request is not None and actor not in self._reference.erased:
            _require_right(request, decision, actor, register)
        if isinstance(decision, ModerationDeclined):
            groups.outcomes[key] = decision.reason
        else:
            groups.outcomes[key] = ""
            groups.moderated[decision.content_id, decision.group_id] = isinstance(decision, ContentHidden)
        register.moved()


def _require_right(request: Request, decision: Decision, actor: str, register: _Register) -> None:
    """Raise Violation unless the decision is about what was asked, and is one that could be made then."""
    if isinstance(decision, ModerationDeclined):
        right = decision.reason == _NOT_MODERATOR and register.may_have_been_none(actor)
    else:
        asked = ContentHidden if request.action == MODERATION_ACTION_HIDE else ContentRestored
        right = (
            isinstance(decision, asked)
            and decision.content_id == request.content_id
            and register.may_have_been_moderator(actor)
        )
    if not right or actor != request.person:
        raise Violation(f"{request} was decided otherwise than the register of the group says: {decision}")


def _by_name(kinds: Iterable[type[Message]]) -> Mapping[str, type[Message]]:
    return {kind.DESCRIPTOR.full_name: kind for kind in kinds}


_KINDS = _by_name(
    (
        GroupCreated,
        MemberRoleSet,
        MemberJoined,
        MemberLeft,
        ContentHidden,
        ContentRestored,
        ModerationDeclined,
        ErasureOrdered,
    )
)
