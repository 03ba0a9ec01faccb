"""What the homes of groups have decided, as their logs have it in their order, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulation.reference.tables import Rows, Tables

DECLINED: Final = 1
APPROVED: Final = 2
ENDED: Final = 3
"""How far a join has come; it never goes back."""


@dataclass(slots=True)
class Decided:
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a group and a request, why it was declined; empty: it was granted."""
    moderated: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Of content and a group, whether the group hides it; it may be content that is not the group's."""
    roles: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of a group and a person."""
    admissions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Of a group, a person and a join of theirs."""
    bans: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of a group and a person, the place in their origin's log up to which what they wrote stays."""
    rulings: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of a question and a group, the answer that the group has ruled to be accepted; empty: none is."""
    places: dict[str, int] = field(default_factory=dict)
    """Of what was written, its place in its origin's log."""

    def let_in(self, person: str, group_id: str) -> bool:
        """Whether the group has ever let them in."""
        states = [state for (group, about, _), state in self.admissions.items() if (group, about) == (group_id, person)]
        return max(states, default=0) >= APPROVED

    def hides(self, group_id: str, content_id: str, author: str) -> bool:
        """Whether a moderator has hidden it, or its author was banned before it."""
        stays_until = self.bans.get((group_id, author))
        return self.moderated.get((content_id, group_id), False) or (
            stays_until is not None and self.places[content_id] > stays_until
        )

    def admit(self, group_id: str, person: str, join_id: str, state: int) -> None:
        """Let a join come as far as ``state``, if it is not further."""
        key = (group_id, person, join_id)
        self.admissions[key] = max(state, self.admissions.get(key, 0))

    def tables(self, local: Mapping[str, bool]) -> Tables:
        """``local`` says of the groups that are there whether they are local."""
        outcomes = {(g, request, reason) for (g, request), reason in self.outcomes.items() if g in local}
        hidden = {(content, g, hidden) for (content, g), hidden in self.moderated.items() if g in local}
        registers: dict[str, tuple[str, Rows]] = {
            "roles": (
                "select group_id, local, person, role from roles",
                {(g, local[g], person, role) for (g, person), role in self.roles.items() if g in local},
            ),
            "admissions": (
                "select group_id, local, person, join_id, state from admissions",
                {(g, local[g], who, join, state) for (g, who, join), state in self.admissions.items() if g in local},
            ),
            "bans": (
                "select group_id, local, person, stays_until from bans",
                {(g, local[g], person, until) for (g, person), until in self.bans.items() if g in local},
            ),
            "answer_rulings": (
                "select post_id, group_id, comment_id from answer_rulings",
                {(post, g, comment) for (post, g), comment in self.rulings.items() if g in local},
            ),
            "moderation": ("select content_id, group_id, hidden from moderation", hidden),
        }
        return {
            **{f"{service}.{table}": rows for service in ("feed", "search") for table, rows in registers.items()},
            "feed.moderation_outcomes": (
                "select group_id, request_id, declined_reason from moderation_outcomes",
                outcomes,
            ),
            "search.decisions": (
                "select group_id, request_id from decisions",
                {(group_id, request) for group_id, request, _ in outcomes},
            ),
        }
