"""Whole networks from seeds: what is promised holds, and where a part is broken on purpose it is seen not to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from copy import copy
from dataclasses import replace
from functools import partial

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import CommentAdded, PostEdited, PostPublished
from services.chassis import trust
from services.chassis.envelope import Fact
from services.chassis.eventlog.port import Entry
from services.chassis.projection import Handler, Projection
from services.chassis.store import Connection
from services.feed.projections import feed_projection
from services.feed.projections.comments import apply_comment_added
from services.feed.projections.posts import apply_post_published
from services.profile.projections import profile_projection
from simulation.lines import Line
from simulation.network import simulate
from simulation.parts import Parts, real_services

SEEDS = 50
SEEDS_UNTIL_FOUND_MAX = 40


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_network_keeps_what_it_promises(seed: int) -> None:
    verdict = simulate(seed)

    assert not verdict.failure, "\n".join((*verdict.trace, f"make simulate SEED={seed}"))
    assert verdict.events > verdict.regions


def test_a_seed_always_goes_the_same_way() -> None:
    here = simulate(7)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    script = "from simulation.network import simulate; print(simulate(7).fingerprint)"
    there = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert here.fingerprint == simulate(7).fingerprint == there.stdout.strip()
    assert here.fingerprint != simulate(8).fingerprint


class LosesOne(Line):
    async def hand_over(self, entry: Entry) -> None:
        if self._chance.random() > 0.02:
            await super().hand_over(entry)


class ChangesTheOrder(Line):
    _held: Entry | None = None

    async def hand_over(self, entry: Entry) -> None:
        if self._held is None and self._chance.random() < 0.05:
            self._held = entry
            return
        await super().hand_over(entry)
        if self._held is not None:
            held, self._held = self._held, None
            await super().hand_over(held)


class DoublesWhatComesAgain(Line):
    _carried = 0

    async def hand_over(self, entry: Entry) -> None:
        again = entry.sequence <= self._carried
        self._carried = max(self._carried, entry.sequence)
        await super().hand_over(replace(entry, sequence=entry.sequence + 1_000_000) if again else entry)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (LosesOne, "holds other entries of .*: missing 1"),
        (ChangesTheOrder, "holds other entries of .*: in another order"),
        (DoublesWhatComesAgain, "holds more than one event of a command"),
    ],
)
def test_a_line_that_does_not_carry_every_event_once_and_in_order_is_found(line: type[Line], found: str) -> None:
    assert re.search(found, first_failure(Parts(line=line)))


def count_no_early_comments(db: Connection, fact: Fact[PostPublished]) -> None:
    apply_post_published(db, fact)
    db.execute("update posts set comment_count = 0 where id = ?", (fact.payload.post_id,))


def let_the_last_arrival_win(db: Connection, fact: Fact[CommentAdded]) -> None:
    apply_comment_added(db, fact)
    db.execute("update posts set edited_at_ms = ? where id = ?", (fact.at_ms, fact.payload.post_id))


def let_anybody_edit(db: Connection, fact: Fact[PostEdited]) -> None:
    db.execute("update posts set body = ? where id = ? and not deleted", (fact.payload.body, fact.payload.post_id))


@pytest.mark.parametrize(
    ("kind", "handler", "found"),
    [
        (PostPublished, count_no_early_comments, "feed.posts of .* is not what was acknowledged"),
        (CommentAdded, let_the_last_arrival_win, "posts of .* and .* differ"),
        (PostEdited, let_anybody_edit, "feed.posts of .* is not what was acknowledged|refused . events, not"),
    ],
)
def test_a_rule_that_depends_on_the_order_of_arrival_or_trusts_anybody_is_found(
    kind: type[Message], handler: Handler, found: str
) -> None:
    feed = feed_projection()
    planted = replace(feed, handlers={**feed.handlers, kind: handler})

    assert re.search(found, first_failure(with_projections(feed=planted)))


def test_an_erasure_that_forgets_a_counter_is_found() -> None:
    planted = replace(profile_projection(), erase=erase_the_row_alone)

    assert "profile.people of" in first_failure(with_projections(profile=planted))


def test_a_network_that_trusts_whoever_sends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "distrust", lambda event, *_, **__: "" if event else "malformed")

    assert re.search("is not what was acknowledged|refused .* events, not", first_failure(Parts()))


def erase_the_row_alone(db: Connection, person: str) -> None:
    db.execute("delete from follows where follower = ?", (person,))
    db.execute("delete from people where id = ?", (person,))


def with_projections(**planted: Projection) -> Parts:
    """Return a network whose services make something else of the log."""
    services = real_services()
    for name, projection in planted.items():
        services[name] = replace(services[name], projection=partial(copy, projection))
    return Parts(services=services)


def first_failure(parts: Parts) -> str:
    """Return what the first seed that fails says."""
    for seed in range(SEEDS_UNTIL_FOUND_MAX):
        failure = simulate(seed, parts).failure
        if failure:
            return failure
    raise AssertionError(f"it was not found in {SEEDS_UNTIL_FOUND_MAX} seeds")
