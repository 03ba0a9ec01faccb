"""What every region has to show of recognition: a plain model, by plain rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.journal import Acknowledged, Refused

SPENT = "allowance_spent"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge, as it was defined."""

    name: str
    value: str
    limit: int


@dataclass(frozen=True, slots=True)
class Gift:
    """Thanks, or an award; ``badge`` is empty for thanks, ``value`` is what they themselves show."""

    giver: str
    receivers: tuple[str, ...]
    message: str
    private: bool
    value: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What somebody was recognised for, in numbers; ``badges`` and ``values`` count each by its id and its name."""

    total: int
    thanks: int
    badges: Mapping[str, int]
    values: Mapping[str, int]


@dataclass(slots=True)
class Gifts:
    """Badges, and what was given and not taken back; ``awarded`` counts awards by giver and badge, withdrawn or not.

    ``erased`` are the ids of what was given by who is erased.
    """

    badges: dict[str, Badge] = field(default_factory=dict)
    given: dict[str, Gift] = field(default_factory=dict)
    awarded: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    managers: dict[str, str] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)

    def public(self) -> dict[str, Gift]:
        """Return what everybody sees."""
        return {name: gift for name, gift in self.given.items() if not gift.private}

    def seen_by(self, person: str) -> dict[str, Gift]:
        """Return what somebody sees: what is public, and what they gave, or got themselves or through those they lead."""
        return {name: gift for name, gift in self.given.items() if not gift.private or self._concerns(gift, person)}

    def _concerns(self, gift: Gift, person: str) -> bool:
        leads = any(self.managers.get(receiver) == person for receiver in gift.receivers)
        return leads or person == gift.giver or person in gift.receivers

    def totals_of(self, person: str) -> Totals:
        """Return what somebody's review statement has to say."""
        got = [gift for gift in self.given.values() if person in gift.receivers]
        values = (self.badges[gift.badge].value if gift.badge else gift.value for gift in got)
        return Totals(
            total=len(got),
            thanks=sum(not gift.badge for gift in got),
            badges=Counter(gift.badge for gift in got if gift.badge),
            values=Counter(value for value in values if value),
        )

    def led_by(self, person: str) -> Iterator[str]:
        """Yield whom somebody leads."""
        return (led for led, manager in self.managers.items() if manager == person)

    def define(self, entry: Acknowledged, given: Mapping[str, Any]) -> None:
        self.badges[entry.made] = Badge(given["name"], given["value"], given["monthlyLimit"])

    def thank(self, entry: Acknowledged, given: Mapping[str, Any]) -> None:
        self._give(entry, given, tuple(given["receiverIds"]), value=given.get("value", ""))

    def award(self, entry: Acknowledged, given: Mapping[str, Any]) -> None:
        self.awarded[entry.person, given["badgeId"]] += 1
        self._give(entry, given, (given["receiverId"],), badge=given["badgeId"])

    def withdraw(self, entry: Acknowledged, given: Mapping[str, Any]) -> None:
        del self.given[given["recognitionId"]]

    def refuse(self, refusal: Refused) -> None:
        """Take into account that an award was refused because its giver had awarded all that they may."""
        if refusal.code == SPENT:
            self.refused[refusal.person, refusal.input["badgeId"]] += 1

    def _give(
        self,
        entry: Acknowledged,
        given: Mapping[str, Any],
        receivers: tuple[str, ...],
        *,
        value: str = "",
        badge: str = "",
    ) -> None:
        private = given["visibility"] == "PRIVATE"
        self.given[entry.name] = Gift(entry.person, tuple(sorted(receivers)), given["message"], private, value, badge)


GIFT_RULES: dict[str, Callable[[Gifts, Acknowledged, Mapping[str, Any]], None]] = {
    "defineBadge": Gifts.define,
    "giveThanks": Gifts.thank,
    "awardBadge": Gifts.award,
    "withdrawRecognition": Gifts.withdraw,
}
