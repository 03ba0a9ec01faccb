"""The check: everything that was acknowledged against all that the regions show, hold and say of themselves."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from chaos.comparing import compare
from chaos.crowd import Crowd
from chaos.digests import Digests, check_agreement, check_rebuilt
from chaos.expected import Expected, expect
from chaos.findings import Finding, Kind
from chaos.journal import Journal
from chaos.reading import read_region
from chaos.residency import check_residency
from chaos.samverka import CannotGoOn, Network, wait_until
from chaos.streams import LogSilent, check_logs, count_by_origin, read_logs

EQUAL_SECONDS_MAX = 60.0
"""So long after the last heal all regions must hold the same."""
_REBUILT_SECONDS_MAX = 600.0


class Checker:
    """Checks one network when nobody writes any more."""

    def __init__(self, network: Network, crowd: Crowd, journal: Journal, *, marks: dict[str, bytes]) -> None:
        self._network = network
        self._crowd = crowd
        self._journal = journal
        self._marks = marks

    async def wait_equal(self) -> tuple[float, list[Finding]]:
        """Wait until all regions agree; return how long it took, and what they disagree on if they do not."""
        last: list[Finding] = []

        async def equal() -> bool:
            last[:] = await self._disagreements()
            return not last

        try:
            return await wait_until(equal, seconds=EQUAL_SECONDS_MAX), []
        except TimeoutError:
            return EQUAL_SECONDS_MAX, last

    async def check(self) -> list[Finding]:
        """Return all that is wrong, with the network running; it is stopped at the end, and its files searched."""
        expected = expect(self._journal.entries)
        findings = [*self._crowd.findings(), *await self._check_shown(expected)]
        findings += check_logs(await read_logs([self._network.log(region) for region in self._network.regions]))
        findings += await self._check_rebuilt()
        findings += await self._check_shown(expected)
        await self._network.stop()
        return findings + self._check_residency(expected)

    async def _disagreements(self) -> list[Finding]:
        """Return where regions differ: first in their logs, which is quickly seen, then in what follows from them."""
        try:
            return await self._behind() or list(check_agreement(await self._digests()))
        except (CannotGoOn, LogSilent) as silence:  # what was killed a moment ago is being started
            return [Finding(Kind.DISAGREEMENT, "", str(silence))]

    async def _behind(self) -> list[Finding]:
        regions = self._network.regions
        held = dict(
            zip(
                regions,
                await asyncio.gather(*(count_by_origin(self._network.log(region)) for region in regions)),
                strict=True,
            )
        )
        return [
            Finding(Kind.LOST, region, f"the log holds {held[region][origin]} events of {origin}, which has {own}")
            for origin in regions
            for region in regions
            if held[region][origin] != (own := held[origin][origin])
        ]

    async def _digests(self) -> dict[str, Digests]:
        regions = self._network.regions
        return dict(
            zip(regions, await asyncio.gather(*(self._network.digests(region) for region in regions)), strict=True)
        )

    async def _check_shown(self, expected: Expected) -> list[Finding]:
        people = [person.id for person in self._crowd.people]
        shown = await asyncio.gather(
            *(read_region(region, reader, people) for region, reader in self._crowd.readers.items())
        )
        return [finding for region in shown for finding in compare(region, expected, people)]

    async def _check_rebuilt(self) -> list[Finding]:
        """Throw every projection away, have it made anew from the log, and compare."""
        before = await self._digests()
        await self._network.stop()
        _throw_projections_away(self._network.data, self._network.regions)
        await self._network.start()
        findings: list[Finding] = []

        async def rebuilt() -> bool:
            try:
                after = await self._digests()
            except CannotGoOn:  # it is being made
                return False
            findings[:] = [
                finding for region in before for finding in check_rebuilt(region, before[region], after.get(region, ()))
            ]
            return not findings

        try:
            await wait_until(rebuilt, seconds=_REBUILT_SECONDS_MAX)
        except TimeoutError:
            return findings
        return []

    def _check_residency(self, expected: Expected) -> list[Finding]:
        regions = self._network.regions
        local = {
            region: [name for name, post in expected.posts.items() if post.local and post.region == region]
            for region in regions
        }
        return list(check_residency(self._network.data, regions, marks=self._marks, ids=local))


def _throw_projections_away(data: Path, regions: Sequence[str]) -> None:
    folders = {path.parent for region in regions for path in (data / region).rglob("*.sqlite")}
    if not folders:
        raise CannotGoOn("There are no projections to throw away.")
    for folder in folders:
        shutil.rmtree(folder)
