"""``samverka import``: the command line of imports. Records that are refused are listed, and do not make it fail."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.dirs import DataDir
from ops.failure import Failure
from ops.importing import report
from ops.importing.balance import Balance
from ops.importing.checking import report as checking
from ops.importing.checking.comparing import asking, shown_by
from ops.importing.checking.contents import Contents
from ops.importing.client import connected
from ops.importing.endpoints import Endpoints, Gateway, explicit, gateways, local
from ops.importing.limits import CONCURRENCY_DEFAULT, CONCURRENCY_MAX
from ops.importing.progress import watched
from ops.importing.scratch import Scratch
from ops.importing.stackexchange.counting import count
from ops.importing.stackexchange.run import NEEDED_FILES, Import
from ops.options import DATA_DEFAULT, Data, Json, parse_data, parse_region
from services.chassis.clock import Clock, SystemClock
from services.chassis.errors import SamverkaError

_COMMUNITY = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,48}[a-z0-9])?")
_AGAIN = "What came in stays; run the same command again to go on."

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Order:
    """An import that the operator asked for, parsed."""

    folder: Path
    source: str
    region: str
    concurrency: int


@app.callback()
def importing() -> None:
    """Load people and posts from elsewhere."""


@app.command()
def stackexchange(
    path: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder with Users.xml, Posts.xml, …")],
    region: Annotated[str, typer.Option(metavar="REGION", help="The region, such as stockholm.")],
    data: Data = DATA_DEFAULT,
    community: Annotated[str, typer.Option(metavar="NAME", help="The community; by default the folder's name.")] = "",
    concurrency: Annotated[
        int, typer.Option(min=1, max=CONCURRENCY_MAX, help="Commands in flight.")
    ] = CONCURRENCY_DEFAULT,
    profile_target: Annotated[
        str, typer.Option(metavar="TARGET", help="The profile service, such as dns:///profile:50051; not with --data.")
    ] = "",
    feed_target: Annotated[str, typer.Option(metavar="TARGET", help="The feed service; not with --data.")] = "",
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A token of role importer, read again as it is renewed.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Import nothing; compare what every region here shows with the dump.")
    ] = False,
    json: Json = False,
) -> None:
    """Load a Stack Exchange community from its public dump.

    Users become people, questions questions with their tags as topics, answers answers, accepted or not, comments
    comments. Up votes say that it was helpful, down votes become the reaction 👎. The dump does not say who voted: the
    n-th vote on a target is cast by "Voter n", a person made for it. It can be stopped at any record and run again:
    nothing comes in twice.
    """
    order = Order(path, f"stackexchange:{_parse_community(community, path)}", parse_region(region), concurrency)
    clock = SystemClock()
    if check:
        if profile_target or feed_target or token_file:
            raise typer.BadParameter("It asks the regions that run on --data.", param_hint="--check")
        _check(order, gateways(parse_data(data), clock), clock=clock, json=json)
        return
    endpoints = _parse_endpoints(parse_data(data), order.region, profile_target, feed_target, token_file, clock)
    started = clock.monotonic_seconds()
    try:
        balance = asyncio.run(carry_out(order, endpoints, clock=clock, console=Console(stderr=True)))
    except KeyboardInterrupt:
        raise Failure(f"Interrupted. {_AGAIN}") from None
    seconds = clock.monotonic_seconds() - started
    if json:
        print(report.as_json(balance, source=order.source, region=order.region, seconds=seconds))
    else:
        report.show(Console(), balance, source=order.source, region=order.region, seconds=seconds)
    if faults := balance.faults():
        raise Failure(f"The balance does not add up: {'; '.join(faults)}.")
    if balance.files_not_whole:
        raise Failure(f"The dump is not whole: {' '.join(balance.files_not_whole)}")


def _check(order: Order, gateways: Mapping[str, Gateway], *, clock: Clock, json: bool) -> None:
    """Print what every region shows beside what the dump holds; Failure unless all of it is equal."""
    try:
        source = count(order.folder, region=order.region, source=order.source)
    except OSError as error:
        raise Failure(f"The dump cannot be read: {error}.") from error
    try:
        shown = asyncio.run(_read(gateways, home=order.region, source=source, clock=clock))
    except* Failure as errors:
        raise Failure(str(_first(errors))) from errors
    if json:
        print(checking.as_json(source, shown))
    else:
        checking.show(Console(), source, shown, title=f"{order.source} in {order.region}")
    if differing := [region for region, contents in shown.items() if contents != source]:
        raise Failure(f"Not equal to the dump: {', '.join(differing)}.")


async def _read(
    gateways: Mapping[str, Gateway], *, home: str, source: Contents, clock: Clock
) -> Mapping[str, Contents]:
    async with asking(gateways) as regions:
        return await shown_by(regions, home=home, source=source, clock=clock)


async def carry_out(order: Order, endpoints: Endpoints, *, clock: Clock, console: Console) -> Balance:
    """Import and return the balance; Failure for an error that no single record is to blame for."""
    balance, scratch = Balance(), Scratch()
    try:
        async with connected(
            profile_target=endpoints.profile_target,
            feed_target=endpoints.feed_target,
            token=endpoints.token,
            clock=clock,
        ) as client:
            with watched(console) as watcher:
                await Import(
                    folder=order.folder,
                    source=order.source,
                    client=client,
                    scratch=scratch,
                    balance=balance,
                    watcher=watcher,
                    concurrency=order.concurrency,
                ).run()
    except* SamverkaError as errors:
        raise Failure(f"The import stopped: {_first(errors)}. {_AGAIN}") from errors
    except* OSError as errors:
        raise Failure(f"The dump cannot be read: {_first(errors)}.") from errors
    except* Failure as errors:
        raise Failure(str(_first(errors))) from errors
    finally:
        scratch.close()
    return balance


def _parse_community(name: str, path: Path) -> str:
    community = name or path.resolve().name.lower()
    if not _COMMUNITY.fullmatch(community):
        raise typer.BadParameter(f"{community!r} is none: 1 to 50 of a-z 0-9 . and -.", param_hint="--community")
    if missing := [file for file in NEEDED_FILES if not (path / file).is_file()]:
        raise typer.BadParameter(f"There is no {' and no '.join(missing)} in {path}.", param_hint="PATH")
    return community


def _parse_endpoints(
    data: DataDir, region: str, profile_target: str, feed_target: str, token_file: Path | None, clock: Clock
) -> Endpoints:
    if profile_target and feed_target and token_file:
        return explicit(profile_target=profile_target, feed_target=feed_target, token_file=token_file, clock=clock)
    if profile_target or feed_target or token_file:
        raise typer.BadParameter("They go together.", param_hint="--profile-target, --feed-target, --token-file")
    return local(data, region, clock)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
