"""Run the benchmarks: ``python -m bench [name …]``. Everything is started here, on loopback, and stopped at the end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from bench import (
    across_regions,
    append_to_visible,
    asking,
    catch_up,
    experts,
    home_feed,
    home_feed_sql,
    replay,
    searching,
)
from bench.nodes import bare_log, fill, issuer_of, node
from bench.report import Figure, show, write
from bench.workload import Size, events
from ops.dirs import DataDir
from services.chassis.server import run

FULL = Size(people=2_000, posts=100_000, followed=100, reactions=40_000, comments=20_000)
QUICK = Size(people=210, posts=3_000, followed=20, reactions=1_200, comments=600)
ON_A_LOG = ("replay", "asking")
ON_A_NODE = ("home_feed", "append_to_visible", "home_feed_sql")
ON_A_NETWORK = ("across_regions", "catch_up")
UNASKED = (*ON_A_LOG, *ON_A_NODE, *ON_A_NETWORK)
"""Those that are measured if none is named; the rest take minutes."""
NAMES = (*UNASKED, "search", "experts")
POSTS_SEARCHED = 1_000_000
POSTS_SEARCHED_QUICK = 5_000
QUESTIONS_ANSWERED = 20_000
QUESTIONS_ANSWERED_QUICK = 200


async def measure(
    size: Size,
    names: Collection[str] = UNASKED,
    *,
    requests: int,
    posts: int,
    plans: bool = False,
    searched: int = POSTS_SEARCHED_QUICK,
    answered: int = QUESTIONS_ANSWERED_QUICK,
) -> list[Figure]:
    """Measure what is named: ``requests`` to the home feed, ``posts`` written, ``searched`` ones in an index, ``answered``
    questions.
    """
    folder = Path(tempfile.mkdtemp(prefix="samverka-bench-"))
    figures: list[Figure] = []
    try:
        if not set(names).isdisjoint({*ON_A_LOG, *ON_A_NODE}):
            data = DataDir.at(folder / "data")
            figures += await _measure_one(data, size, names, requests=requests, posts=posts, plans=plans)
        if not set(names).isdisjoint(ON_A_NETWORK):
            figures += await _measure_network(DataDir.at(folder / "network"), names, posts=posts)
        if "search" in names:
            figures += await searching.measure(folder, posts=searched)
        if "experts" in names:
            figures += await experts.measure(folder, questions=answered)
        return figures
    finally:
        shutil.rmtree(folder)


async def _measure_network(data: DataDir, names: Collection[str], *, posts: int) -> list[Figure]:
    figures: list[Figure] = []
    issuer = issuer_of(data)
    async with node(data, regions=across_regions.REGIONS) as running:
        print("two regions are up", flush=True)
        if "across_regions" in names:
            figures += await across_regions.measure(running, posts=5 * posts)
        if "catch_up" in names:
            figures += await catch_up.measure(running, issuer=issuer, size=_backlog(posts))
    return figures


def _backlog(posts: int) -> Size:
    """Return a company whose history is what a region missed."""
    return Size(people=posts, posts=20 * posts, followed=min(posts - 1, 10), reactions=4 * posts, comments=2 * posts)


async def _measure_one(
    data: DataDir, size: Size, names: Collection[str], *, requests: int, posts: int, plans: bool
) -> list[Figure]:
    """Fill a log, replay it, bring a node up on it, and load that."""
    figures: list[Figure] = []
    issuer = issuer_of(data)
    async with bare_log(data, synced=False) as (log, client):
        count = await fill(client, events(size, issuer=issuer))
        print(f"{count:,} events in the log", flush=True)
        if "replay" in names:
            figures += await replay.measure(log)
    if "asking" in names:
        async with bare_log(data) as (log, _):
            figures += await asking.measure(log, issuer=issuer, people=size.people)
    if not set(names).isdisjoint(ON_A_NODE):
        figures += await _measure_node(data, size, names, requests=requests, posts=posts, plans=plans)
    return figures


async def _measure_node(
    data: DataDir, size: Size, names: Collection[str], *, requests: int, posts: int, plans: bool
) -> list[Figure]:
    figures: list[Figure] = []
    async with node(data) as running:
        print("the node is up and has caught up", flush=True)
        if "home_feed" in names:
            figures += await home_feed.measure(running, people=size.people, requests=requests)
        if "append_to_visible" in names:
            figures += await append_to_visible.measure(running, people=size.people, posts=posts, a_second=20)
    if "home_feed_sql" in names:
        figures += home_feed_sql.measure(next(data.root.rglob("feed.v*.sqlite")), plans=plans)
    return figures


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(help=f"Which: {', '.join(NAMES)}; all but search and experts if none is named."),
    ] = None,
    quick: Annotated[bool, typer.Option(help="A small company and few requests: to see that it runs.")] = False,
    plans: Annotated[bool, typer.Option(help="Print the query plans of home_feed_sql.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures here too.")] = None,
) -> None:
    """Measure the home feed, a write until it is seen, here and in another region, a replay, catching up, and searches."""
    unknown = set(names or ()) - set(NAMES)
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    size, requests, posts = (QUICK, 2_000, 40) if quick else (FULL, 40_000, 600)
    searched = POSTS_SEARCHED_QUICK if quick else POSTS_SEARCHED
    answered = QUESTIONS_ANSWERED_QUICK if quick else QUESTIONS_ANSWERED

    async def measure_and_tell() -> None:
        figures = await measure(
            size,
            names or UNASKED,
            requests=requests,
            posts=posts,
            plans=plans,
            searched=searched,
            answered=answered,
        )
        show(figures)
        if json is not None:
            write(figures, json)

    run(measure_and_tell())  # on the loop that the services run on


if __name__ == "__main__":
    typer.run(main)
