"""What everybody is shown and told, asked of all regions through GraphQL: each person at home, and a stranger everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from chaos.client import Client
from chaos.comparing import compare
from chaos.comparing_circles import check_strays, compare_circle
from chaos.comparing_erased import check_shown
from chaos.comparing_found import compare_found
from chaos.comparing_gifts import compare_gifts
from chaos.comparing_hidden import compare_hidden
from chaos.crowd import Crowd
from chaos.decisions import check_told, moderations, read_told
from chaos.erased import remains
from chaos.expected import Expected
from chaos.findable import found_by, suggested_to, unsure_words, words_among, words_of_names
from chaos.findings import Finding
from chaos.gifts import Gifts
from chaos.journal import Acknowledged
from chaos.reading import read_region
from chaos.shown_circles import read_circle, read_strays
from chaos.shown_erased import Leaver, read_at_home, read_erased
from chaos.shown_found import read_found
from chaos.shown_gifts import read_gifts
from chaos.shown_hidden import read_hidden
from chaos.words import words_of

STRAYS_MAX = 10
"""Private posts that each is asked for by whoever may not see them."""
HIDDEN_MAX = 10
"""Hidden posts and comments that each is asked for."""
REMAINS_MAX = 20
"""Things of the erased for which a stranger asks by their ids; a few are asked for by everybody."""
REMAINS_FEW = 5
TYPED_MAX = 20
"""Words that each begins to type, of those that something is named by."""


@dataclass(frozen=True, slots=True)
class _Viewer:
    """Somebody who looks, in their region; a stranger, who has nothing to do with anything, has no name."""

    region: str
    person: str
    client: Client


async def check_views(crowd: Crowd, expected: Expected, entries: Sequence[Acknowledged]) -> list[Finding]:
    """Return all that somebody is shown, finds or is told otherwise than it must be."""
    strangers, people = _strangers(crowd), [_Viewer(each.region, each.id, each.client) for each in crowd.staying]
    return [
        *await check_public_views(crowd, expected, entries),
        *await _check_gifts([*strangers, *people], expected.gifts),
        *await _check_circles([*strangers, *people], expected, crowd),
        *await _check_hidden(people, expected),
        *await _check_erased_at_home(people, expected),
        *await _check_found(people, expected, _words_for(entries, expected) & words_among(expected)),
        *await _check_told(people, expected, entries),
    ]


async def check_public_views(crowd: Crowd, expected: Expected, entries: Sequence[Acknowledged]) -> list[Finding]:
    """Return all that a stranger is shown or finds otherwise than it must be, in any region."""
    strangers = _strangers(crowd)
    return [
        *await _check_regions(strangers, expected, [person.id for person in crowd.people]),
        *await _check_hidden(strangers, expected),
        *await _check_erased(strangers, expected, crowd),
        *await _check_found(strangers, expected, _words_for(entries, expected)),
    ]


def _strangers(crowd: Crowd) -> list[_Viewer]:
    return [_Viewer(region, "", reader) for region, reader in crowd.readers.items()]


def _words_for(entries: Sequence[Acknowledged], expected: Expected) -> set[str]:
    """Return the words to look for: all that were ever written and are known to lead somewhere, or nowhere."""
    return words_of(entry.input for entry in entries) - unsure_words(expected)


async def _check_regions(strangers: Sequence[_Viewer], expected: Expected, people: Sequence[str]) -> list[Finding]:
    groups = list(expected.groups)
    shown = await asyncio.gather(
        *(read_region(viewer.region, viewer.client, people=people, groups=groups) for viewer in strangers)
    )
    return [finding for region in shown for finding in compare(region, expected, people)]


async def _check_gifts(viewers: Sequence[_Viewer], expected: Gifts) -> list[Finding]:
    findings: list[Finding] = []
    for viewer in viewers:
        theirs = [viewer.person, *expected.led_by(viewer.person)] if viewer.person else []
        shown = await read_gifts(viewer.region, viewer.person, viewer.client, statements_of=theirs)
        findings += compare_gifts(shown, expected)
    return findings


async def _check_circles(viewers: Sequence[_Viewer], expected: Expected, crowd: Crowd) -> list[Finding]:
    findings: list[Finding] = []
    for viewer in viewers:
        for circle in crowd.board.circles:
            moderates = circle.moderator == viewer.person
            shown = await read_circle(viewer.region, viewer.person, viewer.client, circle.group, moderates=moderates)
            findings += compare_circle(shown, expected)
        strays = await read_strays(viewer.client, _some(expected.private_to_others(viewer.person), STRAYS_MAX))
        findings += check_strays(viewer.region, viewer.person, strays)
    return findings


async def _check_hidden(viewers: Sequence[_Viewer], expected: Expected) -> list[Finding]:
    asked = _some(expected.hidden(), HIDDEN_MAX)
    findings: list[Finding] = []
    for viewer in viewers:
        shown = await read_hidden(viewer.region, viewer.person, viewer.client, asked)
        findings += compare_hidden(shown, expected, asked)
    return findings


async def _check_erased(strangers: Sequence[_Viewer], expected: Expected, crowd: Crowd) -> list[Finding]:
    """Look for what is left of the erased, who are known by what they called themselves."""
    leavers = [Leaver(each.id, each.handle, each.name) for each in crowd.erased]
    left = remains(expected)
    contents = _some(sorted(left - expected.erasures.keys()), REMAINS_MAX)
    shown = await asyncio.gather(
        *(
            read_erased(each.region, each.client, leavers, contents=contents, groups=expected.groups_of(each.region))
            for each in strangers
        )
    )
    return [finding for region in shown for finding in check_shown(region, left)]


async def _check_erased_at_home(people: Sequence[_Viewer], expected: Expected) -> list[Finding]:
    """Have each look for what is left of the erased where they alone may be shown it."""
    left = remains(expected)
    contents = _some(sorted(left - expected.erasures.keys()), REMAINS_FEW)
    shown = await asyncio.gather(
        *(read_at_home(each.region, each.person, each.client, contents=contents) for each in people)
    )
    return [finding for home in shown for finding in check_shown(home, left)]


async def _check_found(viewers: Sequence[_Viewer], expected: Expected, words: set[str]) -> list[Finding]:
    """Have each look for all words, and begin to type those that anything is named by."""

    async def look(viewer: _Viewer) -> list[Finding]:
        findable = found_by(expected, viewer.region, viewer.person)
        suggested = suggested_to(expected, viewer.region, viewer.person)
        typed = _some(sorted(words & words_of_names(expected)), TYPED_MAX)
        shown = await read_found(viewer.region, viewer.person, viewer.client, sorted(words), typed)
        return list(compare_found(shown, findable, suggested))

    return [finding for found in await asyncio.gather(*map(look, viewers)) for finding in found]


async def _check_told(people: Sequence[_Viewer], expected: Expected, entries: Sequence[Acknowledged]) -> list[Finding]:
    clients = {viewer.person: viewer.client for viewer in people}
    return list(check_told(await read_told(clients, moderations(entries, expected))))


def _some(things: Sequence[str], most: int) -> list[str]:
    """Return some of the things, from all over."""
    return list(things[:: max(1, -(-len(things) // most))])
