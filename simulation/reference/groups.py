"""The groups that there must be, who is in them, what each hides, and what became of what their moderators asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    ModerationAction,
)
from simulation.reference.decided import APPROVED, ENDED, Decided
from simulation.reference.tables import Tables, reaching


@dataclass(slots=True)
class Group:
    id: str
    owner: str
    name: str
    local: bool
    private: bool = False


@dataclass(slots=True)
class Request:
    """What a moderator asked for, about content or about a person and a join of theirs.

    ``told_reason`` is what they were told: None, nothing yet; empty, it is done.
    """

    id: str
    person: str
    group_id: str
    content_id: str
    action: ModerationAction.ValueType
    reason: str
    local: bool
    about: str = ""
    join_id: str = ""
    answer_id: str = ""
    told_reason: str | None = None


@dataclass(slots=True)
class Groups:
    by_id: dict[str, Group] = field(default_factory=dict)
    memberships: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a group and a person, the join that they have not left, by the event that began it."""
    asked: dict[tuple[str, str], None] = field(default_factory=dict)
    """The private groups and who has ever begun to ask to be let in."""
    disputed: dict[tuple[str, str], None] = field(default_factory=dict)
    """The groups and whom anybody has ever begun to send away."""
    given: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of a group and a person, the role that its owner was last told to have given."""
    requests: dict[str, Request] = field(default_factory=dict)
    decided: Decided = field(default_factory=Decided)

    def of_member(self, person: str) -> list[Group]:
        """Return the groups that somebody has joined, or wants to be in."""
        return [group for group in self.by_id.values() if (group.id, person) in self.memberships]

    def moderates(self, person: str, group_id: str) -> bool:
        """Whether they were acknowledged to moderate, and to have joined."""
        if group_id in self.by_id and self.by_id[group_id].owner == person:
            return True
        pair = (group_id, person)
        return pair in self.memberships and self.given.get(pair) == GROUP_ROLE_MODERATOR

    def is_disputed(self, person: str, group: Group) -> bool:
        """Whether it is not theirs alone to say if they are in the group."""
        return group.owner != person and (group.private or (group.id, person) in self.disputed)

    def is_member(self, person: str, group_id: str) -> bool:
        """Whether their join lets them in, by what the group's home has decided."""
        group, join = self.by_id.get(group_id), self.memberships.get((group_id, person))
        if group is None or join is None:
            return False
        state = self.decided.admissions.get((group_id, person, join))
        let_in = state == APPROVED if group.private else state != ENDED
        return group.owner == person or (let_in and (group_id, person) not in self.decided.bans)

    def may_moderate(self, person: str, group_id: str) -> bool:
        """Whether they moderate the group, by what its home has decided."""
        if not self.is_member(person, group_id):
            return False
        role = self.decided.roles.get((group_id, person))
        return self.by_id[group_id].owner == person or role == GROUP_ROLE_MODERATOR

    def sees(self, person: str, group_id: str) -> bool:
        """Whether the group, and what stands in it, is there for them."""
        return not group_id or not self.by_id[group_id].private or self.is_member(person, group_id)

    def was_let_in(self, person: str, group_id: str) -> bool:
        """Whether a private group has ever let them in, or it is no such group."""
        group = self.by_id.get(group_id)
        return group is None or not group.private or group.owner == person or self.decided.let_in(person, group_id)

    def hides(self, group_id: str, content_id: str, author: str) -> bool:
        """Whether the group hides content that is its own."""
        return bool(group_id) and (
            self.decided.hides(group_id, content_id, author) or not self.was_let_in(author, group_id)
        )

    def tables(self, erased: Collection[str], region: str) -> Tables:
        groups = {group.id: group for group in reaching(self.by_id.values(), region)}
        joined = {pair: join for pair, join in self.memberships.items() if pair[0] in groups and pair[1] not in erased}
        count = Counter(group_id for group_id, person in joined if self.is_member(person, group_id))
        asked = [request for request in reaching(self.requests.values(), region) if request.person not in erased]
        return {
            "feed.groups": (
                "select id, local, owner, name, private, member_count from groups",
                {(g.id, g.local, g.owner, g.name, g.private, count[g.id]) for g in groups.values()},
            ),
            "feed.memberships": (
                "select group_id, local, person, join_id, active from memberships",
                {
                    (group_id, groups[group_id].local, person, join, self.is_member(person, group_id))
                    for (group_id, person), join in joined.items()
                },
            ),
            "feed.moderation_requests": (
                """
                select id, local, person, group_id, content_id, action, reason, about_person, join_id, answer_id,
                    decided
                from moderation_requests
                """,
                {
                    (
                        r.id,
                        r.local,
                        r.person,
                        r.group_id,
                        r.content_id,
                        r.action,
                        r.reason,
                        r.about,
                        r.join_id,
                        r.answer_id,
                        True,
                    )
                    for r in asked
                },
            ),
            "search.groups": (
                "select id, local, owner, private from groups",
                {(g.id, g.local, g.owner, g.private) for g in groups.values()},
            ),
            "search.memberships": (
                "select group_id, local, person, join_id from memberships",
                {(group_id, groups[group_id].local, person, join) for (group_id, person), join in joined.items()},
            ),
            **self.decided.tables({group.id: group.local for group in groups.values()}),
        }
