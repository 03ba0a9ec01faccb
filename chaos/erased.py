"""What is left when people are erased: what there would be without them, but for what others did about them.

Who has been followed or thanked by others stays so in those others' own registers, without a name: whom somebody follows
counts the erased too, and thanks to several people are shown as to those who are there. What was given to nobody else is
shown to nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from chaos.expected import Expected
from chaos.gifts import Gifts
from chaos.journal import UNNAMED


def forget_erased(expected: Expected) -> None:
    """Take what the erased did out of what there must be; what they wrote stays known as what nobody may be shown."""
    erased = expected.erasures.keys()
    for written in expected.written.values():
        written.erased = written.author in erased
    expected.reactions = {each for each in expected.reactions if each[2] not in erased}
    expected.helped = {each for each in expected.helped if each[1] not in erased}
    expected.follows = {each for each in expected.follows if each[0] not in erased}
    expected.titles = {person: title for person, title in expected.titles.items() if person not in erased}
    for group in expected.groups.values():
        group.members -= erased
        group.asking -= erased
    _forget_gifts(expected.gifts, erased)


def _forget_gifts(gifts: Gifts, erased: Collection[str]) -> None:
    gifts.erased = [name for name, gift in gifts.given.items() if gift.giver in erased]
    kept = {name: gift for name, gift in gifts.given.items() if gift.giver not in erased}
    named = {
        name: replace(gift, receivers=tuple(each for each in gift.receivers if each not in erased))
        for name, gift in kept.items()
    }
    gifts.given = {name: gift for name, gift in named.items() if gift.receivers}
    gifts.managers = {led: manager for led, manager in gifts.managers.items() if led not in erased}


def remains(expected: Expected) -> set[str]:
    """Return the ids of the erased and of all that they wrote and gave: nobody may be shown any of them."""
    theirs = {name for name, each in expected.written.items() if each.erased and not name.startswith(UNNAMED)}
    return theirs.union(expected.gifts.erased, expected.erasures)
