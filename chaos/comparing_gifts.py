"""What people are shown of recognition, held against what the journal says, and allowances against what was awarded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chaos.comparing import compare_ids
from chaos.findings import Finding, Kind
from chaos.gifts import Gift, Gifts
from chaos.shown_gifts import ShownGifts


def compare_gifts(shown: ShownGifts, expected: Gifts) -> Iterator[Finding]:
    """Yield every difference between what somebody is shown and what they must be."""
    seen = {name: _as_shown(gift, expected) for name, gift in expected.seen_by(shown.person).items()}
    yield from compare_ids(f"gift to {shown.person}'s eyes", shown.region, [name for name, _ in shown.gifts], seen)
    for name, gift in shown.gifts:
        yield from _differ(shown, f"the gift {name}", gift, seen.get(name, gift))
    yield from compare_ids("badge", shown.region, [badge.badge for badge in shown.badges], expected.badges)
    yield from _compare_badges(shown, expected)
    for person, totals in shown.statements.items():
        yield from _differ(shown, f"the statement of {person}", totals, expected.totals_of(person))


def check_allowances(expected: Gifts) -> Iterator[Finding]:
    """Yield awards that were acknowledged beyond their badge's allowance, and such as were refused within it.

    A month of the calendar that begins during the run lets everybody award anew, so only what was refused is told by the
    journal alone; what is beyond is told by the log, where the month stands.
    """
    for (giver, badge), count in expected.refused.items():
        awarded, limit = expected.awarded[giver, badge], expected.badges[badge].limit
        if awarded < limit:
            text = f"{giver} was refused {badge} {count} times, and has awarded it {awarded} times of {limit}"
            yield Finding(Kind.ANSWER, giver.partition("_")[0], text)


def _compare_badges(shown: ShownGifts, expected: Gifts) -> Iterator[Finding]:
    for badge in shown.badges:
        wanted = expected.badges.get(badge.badge)
        if wanted is not None:
            told = (badge.name, badge.value, badge.limit)
            yield from _differ(shown, f"the badge {badge.badge}", told, (wanted.name, wanted.value, wanted.limit))
            awarded = expected.awarded[shown.person, badge.badge]
            yield from _differ(shown, f"how often {shown.person} awarded {badge.badge}", badge.awarded, awarded)


def _as_shown(gift: Gift, expected: Gifts) -> Gift:
    """Return a gift with the value that it shows: an award has its badge's."""
    return replace(gift, value=expected.badges[gift.badge].value) if gift.badge else gift


def _differ(shown: ShownGifts, what: str, found: object, wanted: object) -> Iterator[Finding]:
    if found != wanted:
        text = f"{what}: shown to {shown.person} is {found!r}, acknowledged was {wanted!r}"
        yield Finding(Kind.CHANGED, shown.region, text)
