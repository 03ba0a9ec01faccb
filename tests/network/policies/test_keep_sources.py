"""Keeping sources: what is made, what is kicked, and what is learnt about the links."""

from __future__ import annotations

from pathlib import Path
from random import Random

import orjson
import pytest

from services.chassis.clock import ManualClock
from services.network.membership import Membership
from services.network.policies.keep_sources import ASK_PEER_SECONDS, SourceKeeping
from tests.support.keepers import ManualKeeper

TOKYO = "tokyo"


class Kept:
    """Sources that are kept, with a keeper that does as told."""

    def __init__(self, file: Path, clock: ManualClock) -> None:
        self.keeper = ManualKeeper()
        self.clock = clock
        self._file = file
        self.name(TOKYO)
        self.sources = SourceKeeping(
            keeper=self.keeper,
            membership=Membership(file, region="stockholm"),
            clock=clock,
            entropy=Random(0).randbytes,
            sleep=self.keeper.sleep,
        )

    def name(self, *peers: str) -> None:
        self._file.write_bytes(orjson.dumps({"region": "stockholm", "peers": peers}))

    async def turns(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.5)):
            await self.sources.turn()
            self.clock.advance(0.5)


@pytest.fixture
def kept(tmp_path: Path, clock: ManualClock) -> Kept:
    clock.advance(1_000)
    return Kept(tmp_path / "peers.json", clock)


async def test_sources_follow_the_file(kept: Kept) -> None:
    await kept.turns(2)
    assert (set(kept.keeper.sources), kept.keeper.changes) == ({TOKYO}, 1)

    kept.name("austin")
    await kept.turns(2)

    assert (set(kept.keeper.sources), kept.keeper.changes) == ({"austin"}, 2)
    assert set(kept.sources.links) == {"austin"}


async def test_a_source_that_hears_its_peer_is_left_alone(kept: Kept) -> None:
    await kept.sources.turn()
    kept.keeper.hears(TOKYO, sequence=7, pending=3, silent_seconds=0.4)
    kept.keeper.ends[TOKYO] = 10
    kept.keeper.asked.clear()

    await kept.turns(2 * ASK_PEER_SECONDS)

    link = kept.sources.links[TOKYO]
    assert kept.keeper.kicked == []
    assert len(kept.keeper.asked) == 2
    assert (link.connected, link.held, link.behind, link.peers_last) == (True, 7, 3, 10)
    assert link.last_contact_ms == pytest.approx(kept.clock.wall_ms() - 900, abs=500)


async def test_a_peer_that_does_not_answer_is_silent_and_not_kicked(kept: Kept) -> None:
    await kept.sources.turn()
    kept.keeper.hears(TOKYO, sequence=7)
    kept.keeper.ends[TOKYO] = 7
    await kept.sources.turn()
    heard_ms = kept.sources.links[TOKYO].last_contact_ms
    kept.keeper.ends.clear()
    kept.keeper.hears(TOKYO, sequence=7, silent_seconds=None)

    await kept.turns(60)

    link = kept.sources.links[TOKYO]
    assert kept.keeper.kicked == []
    assert (link.connected, link.last_contact_ms, link.held, link.peers_last) == (False, heard_ms, 7, None)


async def test_a_source_that_hears_nothing_is_kicked_as_soon_as_its_peer_answers(kept: Kept) -> None:
    await kept.sources.turn()
    kept.keeper.hears(TOKYO, sequence=7, silent_seconds=90.0)
    await kept.turns(60)
    kept.keeper.ends[TOKYO] = 9

    await kept.sources.turn()

    assert kept.keeper.kicked == [TOKYO]
    assert kept.sources.links[TOKYO].connected


async def test_a_source_that_kicks_do_not_help_is_kicked_ever_more_rarely(kept: Kept) -> None:
    await kept.turns(2)
    kept.keeper.hears(TOKYO, silent_seconds=90.0)
    kept.keeper.ends[TOKYO] = 9

    await kept.turns(60)

    assert 5 <= len(kept.keeper.kicked) <= 7


async def test_a_source_that_was_just_made_is_not_kicked_at_once(kept: Kept) -> None:
    kept.keeper.ends[TOKYO] = 9
    await kept.turns(1.5)
    assert kept.keeper.kicked == []


async def test_of_two_replicas_one_kicks(kept: Kept) -> None:
    await kept.turns(2)
    kept.keeper.hears(TOKYO, silent_seconds=90.0)
    kept.keeper.ends[TOKYO] = 9

    # the other one is first
    kept.keeper.meanwhile = lambda: kept.keeper.hears(TOKYO, silent_seconds=0.1)
    await kept.sources.turn()

    assert kept.keeper.kicked == []


async def test_a_lost_tail_is_seen_and_stays_until_it_is_written_down(kept: Kept) -> None:
    await kept.sources.turn()
    kept.keeper.hears(TOKYO, sequence=100)
    kept.keeper.ends[TOKYO] = 90
    await kept.turns(ASK_PEER_SECONDS)
    assert kept.sources.lost_tails == {TOKYO: 100}

    kept.keeper.ends[TOKYO] = 200
    await kept.turns(2 * ASK_PEER_SECONDS)

    assert kept.sources.lost_tails == {TOKYO: 100}


async def test_what_a_peer_said_of_its_log_before_makes_no_lost_tail_when_it_does_not_answer_now(kept: Kept) -> None:
    await kept.sources.turn()
    kept.keeper.hears(TOKYO, sequence=0)
    kept.keeper.ends[TOKYO] = 0
    await kept.turns(1)
    assert kept.sources.links[TOKYO].peers_last == 0

    kept.keeper.ends.clear()
    kept.keeper.hears(TOKYO, sequence=3)
    await kept.turns(2 * ASK_PEER_SECONDS)

    assert kept.sources.lost_tails == {}
