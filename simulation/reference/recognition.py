"""The badges that there must be, what was given, and which of it counts."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from services.chassis.ids import derive
from simulation.reference.tables import Tables
from simulation.reference.texts import Text


@dataclass(slots=True)
class Badge:
    """``awarders`` are None where everybody may award it, and empty where its home's managers may."""

    id: str
    name: str
    monthly_limit: int
    awarders: Sequence[str] | None
    retired: bool = False

    @property
    def region(self) -> str:
        return self.id.rpartition("_")[0]

    def is_awarded_by(self, giver: str) -> bool:
        """Whether some award of this giver may count."""
        if self.awarders is None:
            return True
        return giver in self.awarders if self.awarders else giver.startswith(f"{self.region}_")


@dataclass(slots=True)
class Gift:
    """Thanks, or an award where it has a badge."""

    id: str
    giver: str
    receivers: tuple[str, ...]
    message: str
    given_at_ms: int
    badge_id: str = ""
    private: bool = False
    withdrawn: bool = False
    forged: bool = False

    @property
    def month(self) -> int:
        given = time.gmtime(self.given_at_ms // 1000)
        return given.tm_year * 100 + given.tm_mon


@dataclass(slots=True)
class Recognition:
    badges: dict[str, Badge] = field(default_factory=dict)
    gifts: dict[str, Gift] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    """Of what was given, where its giver's home has it in its log."""

    def by(self, giver: str) -> list[Gift]:
        """Return what somebody gave by themselves and did not withdraw."""
        given = [gift for gift in self.gifts.values() if gift.giver == giver and not gift.forged]
        return [gift for gift in given if not gift.withdrawn]

    def lost(self, erased: Collection[str]) -> list[Gift]:
        """Return what was acknowledged and does not count, though nobody has withdrawn it."""
        counting = {gift.id for gift in self._counting(self._nth())}
        given = [gift for gift in self.gifts.values() if not (gift.forged or gift.withdrawn or gift.giver in erased)]
        return [gift for gift in given if gift.id not in counting]

    def praise(self, erased: Collection[str]) -> dict[str, Text]:
        """Return the posts that show what is public and counts, to whom there is."""
        posts = [Text(_post_of(gift), gift.giver, gift.message) for gift in self.received(erased) if not gift.private]
        return {post.id: post for post in posts}

    def praised(self, erased: Collection[str]) -> dict[str, Sequence[str]]:
        """Return of each of those posts whom it praises."""
        return {_post_of(gift): gift.receivers for gift in self.received(erased) if not gift.private}

    def received(self, erased: Collection[str]) -> list[Gift]:
        """Return what counts, and whose giver and at least one receiver are there."""
        counting = self._counting(self._nth())
        return [gift for gift in counting if gift.giver not in erased and not set(gift.receivers) <= set(erased)]

    def tables(self, erased: Collection[str]) -> Tables:
        nth = self._nth()
        kept = [gift for gift in self.gifts.values() if gift.giver not in erased]
        counting = [gift for gift in self._counting(nth) if gift.giver not in erased]
        ids = {gift.id for gift in counting}
        totals = Counter((person, gift.badge_id or None) for gift in counting for person in gift.receivers)
        return {
            "recognition.badges": (
                "select id, name, monthly_limit, awarders, retired from badges",
                {(b.id, b.name, b.monthly_limit, _json(b.awarders or ()), b.retired) for b in self.badges.values()},
            ),
            "recognition.recognitions": (
                "select id, giver, receivers, badge_id, message, private, month, nth, withdrawn, counts from recognitions",
                {
                    (*_columns(gift, hide=gift.withdrawn), gift.month, nth[gift.id], gift.withdrawn, gift.id in ids)
                    for gift in kept
                },
            ),
            "recognition.totals": (
                """
                select person, badge_id, count(*) from receivers join recognitions using (sequence)
                where counts group by person, badge_id
                """,
                {(*whose, count) for whose, count in totals.items()},
            ),
            "search.gifts": (
                "select id, giver, badge_id, message, private, month, nth, withdrawn, counts from gifts",
                {(*_shown_columns(g), g.month, nth[g.id], g.withdrawn, g.id in ids and not g.private) for g in kept},
            ),
            "feed.praises": (
                "select id, giver, badge_id, message, private, month, nth, withdrawn from praises",
                {(*_shown_columns(gift), gift.month, nth[gift.id], gift.withdrawn) for gift in kept},
            ),
        }

    def _nth(self) -> dict[str, int]:
        """Return the how many-th of its giver, badge and month each award is; 1 for thanks."""
        counts: Counter[tuple[str, str, int]] = Counter()
        nth = {}
        for gift in sorted(self.gifts.values(), key=lambda gift: self.order.get(gift.id, 0)):
            whose = gift.giver, gift.badge_id, gift.month
            counts[whose] += bool(gift.badge_id)
            nth[gift.id] = counts[whose] or 1
        return nth

    def _counting(self, nth: dict[str, int]) -> Iterable[Gift]:
        return (gift for gift in self.gifts.values() if not gift.withdrawn and self._lets(gift, nth[gift.id]))

    def _lets(self, gift: Gift, nth: int) -> bool:
        badge = self.badges.get(gift.badge_id)
        if badge is None:
            return not gift.badge_id
        return badge.is_awarded_by(gift.giver) and not 0 < badge.monthly_limit < nth


def _post_of(gift: Gift) -> str:
    return derive(_region(gift.giver), "praise", gift.id)


def _region(thing: str) -> str:
    return thing.rpartition("_")[0]


def _columns(gift: Gift, *, hide: bool) -> tuple[str, str, str, str | None, str, bool]:
    message = "" if hide else gift.message
    return gift.id, gift.giver, _json(gift.receivers), gift.badge_id or None, message, gift.private


def _shown_columns(gift: Gift) -> tuple[str, str, str | None, str, bool]:
    identity, giver, _, badge_id, message, private = _columns(gift, hide=gift.withdrawn or gift.private)
    return identity, giver, badge_id, message, private


def _json(people: Sequence[str]) -> str:
    return json.dumps(list(people), separators=(",", ":"))
