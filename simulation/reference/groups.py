"""The groups that there must be, who is in them, and what became of what their moderators asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from samverka.feed.v1.feed_events_pb2 import GROUP_ROLE_MODERATOR, ModerationAction
from simulation.reference.tables import Tables, reaching


@dataclass(slots=True)
class Group:
    id: str
    owner: str
    name: str
    local: bool


@dataclass(slots=True)
class Request:
    """What a moderator asked for; ``told_reason`` is what they were told: None, nothing yet; empty, it is done."""

    id: str
    person: str
    group_id: str
    content_id: str
    action: ModerationAction.ValueType
    reason: str
    local: bool
    told_reason: str | None = None


@dataclass(slots=True)
class Groups:
    by_id: dict[str, Group] = field(default_factory=dict)
    memberships: dict[tuple[str, str], None] = field(default_factory=dict)
    """Group and person."""
    roles: dict[tuple[str, str], int] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a group and a request, why it was declined; empty: it was granted. From the homes' logs, as is what follows."""
    moderated: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Of content and a group, whether the group hides it."""

    @property
    def hidden(self) -> set[tuple[str, str]]:
        """Content and the group that hides it, whether it is that group's to hide or not."""
        return {pair for pair, hidden in self.moderated.items() if hidden}

    def of_member(self, person: str) -> list[Group]:
        return [group for group in self.by_id.values() if (group.id, person) in self.memberships]

    def moderates(self, person: str, group_id: str) -> bool:
        """Whether they were acknowledged to moderate, and to be a member."""
        if group_id in self.by_id and self.by_id[group_id].owner == person:
            return True
        pair = (group_id, person)
        return pair in self.memberships and self.roles.get(pair) == GROUP_ROLE_MODERATOR

    def tables(self, erased: Collection[str], region: str) -> Tables:
        groups = {group.id: group for group in reaching(self.by_id.values(), region)}
        members = {pair for pair in self.memberships if pair[0] in groups and pair[1] not in erased}
        count = Counter(group_id for group_id, _ in members)
        asked = [request for request in reaching(self.requests.values(), region) if request.person not in erased]
        return {
            "feed.groups": (
                "select id, local, owner, name, member_count from groups",
                {(g.id, g.local, g.owner, g.name, count[g.id]) for g in groups.values()},
            ),
            "feed.memberships": (
                "select group_id, local, person from memberships",
                {(group_id, groups[group_id].local, person) for group_id, person in members},
            ),
            "feed.roles": (
                "select group_id, local, person, role from roles",
                {(g, groups[g].local, person, role) for (g, person), role in self.roles.items() if g in groups},
            ),
            "feed.moderation_requests": (
                "select id, local, person, group_id, content_id, action, reason, decided from moderation_requests",
                {(r.id, r.local, r.person, r.group_id, r.content_id, r.action, r.reason, True) for r in asked},
            ),
            "feed.moderation_outcomes": (
                "select group_id, request_id, declined_reason from moderation_outcomes",
                {(g, request, reason) for (g, request), reason in self.outcomes.items() if g in groups},
            ),
            "feed.moderation": (
                "select content_id, group_id, hidden from moderation",
                {(content, g, hidden) for (content, g), hidden in self.moderated.items() if g in groups},
            ),
        }
