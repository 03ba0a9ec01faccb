"""The check: everything that was acknowledged against all that the regions show, hold and say of themselves."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from chaos.allowances import check_awards
from chaos.bans import banish
from chaos.comparing import check_overruled
from chaos.comparing_circles import check_trespasses
from chaos.comparing_erased import check_files, check_receipts, check_registers
from chaos.comparing_gifts import check_allowances
from chaos.crowd import Crowd
from chaos.digests import Digests, check_agreement, check_rebuilt
from chaos.expected import Expected
from chaos.findings import Finding, Kind
from chaos.journal import Journal
from chaos.leaving import check_silenced
from chaos.residency import check_residency
from chaos.rules import expect
from chaos.samverka import LOOK_SECONDS, CannotGoOn, Network, wait_until
from chaos.settling import wait_settled
from chaos.streams import LogSilent, check_counts, check_logs, check_unmoved, count_by_origin, read_logs
from chaos.viewing import check_public_views, check_views

_REBUILT_SECONDS_MAX = 600.0


class Checker:
    """Checks one network when nobody writes any more."""

    def __init__(self, network: Network, crowd: Crowd, journal: Journal) -> None:
        self.findings: list[Finding] = []
        """What was found so far, also where the rest can no longer be looked at."""
        self._network = network
        self._crowd = crowd
        self._journal = journal

    async def wait_equal(self, *, since_seconds: float) -> tuple[float, list[Finding]]:
        """Wait until all regions agree; return how long after ``since_seconds`` they did, or where they still differ."""
        return await wait_settled(
            self._disagreements,
            since_seconds=since_seconds,
            clock=asyncio.get_running_loop().time,
            pause=partial(asyncio.sleep, LOOK_SECONDS),
        )

    async def check(self) -> None:
        """Find all that is wrong, with the network running; it is stopped at the end, and its files searched."""
        expected = expect(self._journal.entries, self._journal.refusals)
        logs = await read_logs([self._network.log(region) for region in self._network.regions])
        banish(expected, logs)
        self.findings += [*check_allowances(expected.gifts), *check_overruled(expected), *check_trespasses(expected)]
        self.findings += [*check_logs(logs), *check_awards(logs), *check_registers(logs, expected.erasures)]
        self.findings += check_receipts(logs, expected.erasures.values())
        self.findings += await check_views(self._crowd, expected, self._journal.entries)
        for erased in self._crowd.erased:
            self.findings += await check_silenced(erased)
        self.findings += check_unmoved(logs, await self._held())
        self.findings += await self._check_rebuilt()
        self.findings += await check_public_views(self._crowd, expected, self._journal.entries)
        await self._network.stop()
        self.findings += self._check_residency(expected)
        names = [erased.name for erased in self._crowd.erased]
        self.findings += check_files(
            self._network.data, self._network.regions, names, killed=self._network.servers_killed
        )

    async def _disagreements(self) -> tuple[list[Finding], int]:
        """Return where regions differ, first in their logs, which is quickly seen; and how many events there are."""
        try:
            held = await self._held()
            behind = list(check_counts(held))
            return behind or list(check_agreement(await self._digests())), sum(each.total() for each in held.values())
        except (CannotGoOn, LogSilent) as silence:  # what was killed a moment ago is being started
            return [Finding(Kind.DISAGREEMENT, "", str(silence))], 0

    async def _held(self) -> dict[str, Counter[str]]:
        """Return how many events of each region each region's log holds."""
        regions = self._network.regions
        counts = await asyncio.gather(*(count_by_origin(self._network.log(region)) for region in regions))
        return dict(zip(regions, counts, strict=True))

    async def _digests(self) -> dict[str, Digests]:
        regions = self._network.regions
        return dict(
            zip(regions, await asyncio.gather(*(self._network.digests(region) for region in regions)), strict=True)
        )

    async def _check_rebuilt(self) -> list[Finding]:
        """Throw every projection away, have it made anew from the log, and compare."""
        before = await self._digests()
        await self._network.stop()
        _throw_projections_away(self._network.data, self._network.regions)
        await self._network.start(seconds=_REBUILT_SECONDS_MAX)
        findings: list[Finding] = []

        async def rebuilt() -> bool:
            try:
                after = await self._digests()
            except CannotGoOn:  # it is being made
                return False
            findings[:] = [
                finding for region in before for finding in check_rebuilt(region, before[region], after.get(region, ()))
            ]
            findings.extend(check_agreement(after))
            return not findings

        try:
            await wait_until(rebuilt, seconds=_REBUILT_SECONDS_MAX)
        except TimeoutError:
            return findings
        return []

    def _check_residency(self, expected: Expected) -> list[Finding]:
        regions = self._network.regions
        marks = {region: self._crowd.board.mark_of(region).encode() for region in regions}
        return list(check_residency(self._network.data, regions, marks=marks, ids=expected.local_ids()))


def _throw_projections_away(data: Path, regions: Sequence[str]) -> None:
    folders = {path.parent for region in regions for path in (data / region).rglob("*.sqlite")}
    if not folders:
        raise CannotGoOn("There are no projections to throw away.")
    for folder in folders:
        shutil.rmtree(folder)
