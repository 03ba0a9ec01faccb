"""``samverka recover``: the command line by which a region that lost the end of its log gets it back from its peers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from ops.control import ask
from ops.dirs import DataDir, RegionDir
from ops.failure import Failure
from ops.options import DATA_DEFAULT, NATS_URL_DEFAULT, Data, parse_data, parse_region
from ops.processes import NATS
from ops.recovering import plan as plans
from ops.recovering.held import HeldFile, open_held, write_held
from ops.recovering.mending import carry_out, make_plan
from ops.state import RunRecord, read_run
from services.chassis.clock import SystemClock
from services.chassis.errors import SamverkaError
from services.chassis.eventlog.jetstream import JetStreamLog, StreamMisconfigured, open_log
from services.chassis.eventlog.keeping import open_keeper
from services.chassis.ids import Ids

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Folder = Annotated[Path, typer.Argument(metavar="DIR/REGION", help="The region's files.")]
Url = Annotated[str, typer.Option(metavar="URL", help="The region's nats-server.")]


@app.callback()
def recover() -> None:
    """Give a region that lost the end of its log what its peers hold of it, and all it wrote since, in one order.

    `here` does all of it for what `samverka up` runs. Elsewhere each peer runs `held`, and the region, with its services
    and its gateway ended, `mend`. What was begun and killed is begun again by the same command. Exit codes: 0 done,
    1 failed, 2 bad usage.
    """


@app.command()
def here(
    region: Annotated[str, typer.Argument(metavar="REGION")],
    peers: Annotated[
        list[str] | None, typer.Option("--from", metavar="PEER", help="Whom to ask; repeat it. [default: all others]")
    ] = None,
    data: Data = DATA_DEFAULT,
) -> None:
    """Recover a region of a running `samverka up`: its services and its gateway rest meanwhile."""
    asked = [parse_region(peer) for peer in peers or ()]
    asyncio.run(_here(parse_data(data), parse_region(region), asked))


@app.command()
def held(
    directory: Folder,
    region: Annotated[str, typer.Argument(metavar="LOST", help="The region that lost the end of its log.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    url: Url = NATS_URL_DEFAULT,
) -> None:
    """Write what this region's log holds of another into a file, for that one's operator. It holds content."""
    home = RegionDir(directory.expanduser().resolve())
    asyncio.run(_write_held(home, url, parse_region(region), out))
    print(f"{out} says what {home.root.name} holds of {region}.")


@app.command()
def mend(
    directory: Folder,
    files: Annotated[list[Path], typer.Option("--from", metavar="FILE", help="What a peer holds; repeat it.")],
    url: Url = NATS_URL_DEFAULT,
) -> None:
    """Mend this region's log by what its peers hold. End its services and its gateway before, its server runs."""
    home = RegionDir(directory.expanduser().resolve())
    print(asyncio.run(_mend(home, url, [open_held(file) for file in files])))


async def _here(data: DataDir, region: str, peers: Sequence[str]) -> None:
    run = read_run(data)
    if run is None or region not in run.urls:
        raise Failure(f"The region {region} does not run on {data.root}.")
    asked = peers or [peer for peer in run.urls if peer != region]
    if region in asked or not set(asked) <= run.urls.keys() or not asked:
        raise Failure(f"There is nobody to ask: {region} is recovered from others that run on {data.root}.")
    print(await ask(data, "rest", [region]))
    home = data.region(region)
    files = [
        await _write_held(data.region(peer), _url(run, peer), region, home.recovery / f"{peer}.held") for peer in asked
    ]
    print(await _mend(home, _url(run, region), files))
    print(await ask(data, "wake", [region]))


async def _write_held(home: RegionDir, url: str, origin: str, file: Path) -> HeldFile:
    async with AsyncExitStack() as stack:
        log = await _open(stack, home, url)
        return await write_held(log, holder=home.root.name, origin=origin, file=file)


async def _mend(home: RegionDir, url: str, files: Sequence[HeldFile]) -> str:
    """Mend a log, and return what was done in one line."""
    region = home.root.name
    if wrong := [str(held.file) for held in files if held.origin != region]:
        raise Failure(f"Not about {region}: {', '.join(wrong)}.")
    async with AsyncExitStack() as stack:
        log = await _open(stack, home, url)
        plan = plans.begun(home)
        if plan is None:
            clock = SystemClock()
            plan = await make_plan(log, files, ids=Ids(region, clock), clock=clock)
            if plan is None:
                return f"The log of {region} lacks nothing that was asked about."
            plans.begin(home, plan)
        try:
            keeper = await open_keeper(
                url=url, region=region, entropy=secrets.token_bytes, nkey_seed_file=home.keeper_seed
            )
            stack.push_async_callback(keeper.close)
            appended = await carry_out(plan, log, keeper)
        except SamverkaError as error:
            raise Failure(f"{error.message} The same command goes on where it stopped.") from error
        return (
            f"The log of {region} is mended: {appended} entries appended; {plans.end(home, plan)} keeps what was done."
        )


async def _open(stack: AsyncExitStack, home: RegionDir, url: str) -> JetStreamLog:
    region, clock = home.root.name, SystemClock()
    epoch = Ids(region, clock).new().rpartition("_")[2]
    try:
        log = await open_log(url=url, region=region, new_epoch=epoch, nkey_seed_file=home.services_seed)
    except (SamverkaError, StreamMisconfigured) as error:
        raise Failure(f"The log of {region} cannot be opened at {url}: {error}") from error
    stack.push_async_callback(log.close)
    return log


def _url(run: RunRecord, region: str) -> str:
    return next(f"nats://{record.addresses['nats']}" for record in run.of_region(region) if record.service == NATS)
