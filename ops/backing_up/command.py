"""``samverka backup``: the command line by which a region's log is copied, and put back when its servers lost it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from nats.aio.client import Client
from nats.errors import Error as NatsError

from ops.backing_up.archive import Archive, draft, open_archive
from ops.backing_up.checking import try_out
from ops.backing_up.scratch import serving
from ops.backing_up.snapshot import put_back, take
from ops.dirs import DataDir, RegionDir
from ops.failure import Failure
from ops.nats.program import find_program
from ops.options import NATS_URL_DEFAULT
from ops.processes import NATS
from ops.state import read_run
from services.chassis.clock import SystemClock
from services.chassis.eventlog.connecting import connect
from services.chassis.ids import Ids

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Folder = Annotated[Path, typer.Argument(metavar="DIR/REGION", help="The region's files.")]
Backup = Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder of a backup.")]
Url = Annotated[
    str, typer.Option("--url", metavar="URL", help="The region's nats-server, if `up` does not run it here.")
]


@app.callback()
def backup() -> None:
    """Copy a region's log while it runs, try the copy, put it back. Exit codes: 0 done, 1 failed, 2 bad usage.

    A backup holds all content of the region, and of others what reached it: keep it as you keep the log's disk.
    """


@app.command("take")
def take_backup(
    directory: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="BACKUP", help="The folder to make.")],
    url: Url = "",
) -> None:
    """Copy the log as it is now; people go on writing meanwhile."""
    archive = asyncio.run(_take(_home(directory), out.expanduser().resolve(), url))
    print(f"{archive.folder} has {_told(archive)}.")


@app.command()
def check(folder: Backup) -> None:
    """Restore a backup beside everything else and read it from end to end; nothing of the region is touched."""
    archive = open_archive(folder.expanduser().resolve())
    content = asyncio.run(try_out(archive, program=find_program()))
    origins = ", ".join(f"{count:,} of {origin}" for origin, count in sorted(content.entries.items()))
    print(
        f"{archive.folder} can be restored: {_told(archive)}; {origins or 'none'}; {content.unreadable:,} are no events."
    )


@app.command()
def restore(folder: Backup, directory: Folder, url: Url = "") -> None:
    """Make the log of a backup where there is none. End the region's services and its gateway before.

    With --url on a server that runs; else the region's own is run for it, and `up` must not be.
    """
    home, archive = _home(directory), open_archive(folder.expanduser().resolve())
    if home.root.name != archive.region:
        raise Failure(f"That is a backup of {archive.region}, not of {home.root.name}.")
    asyncio.run(_restore(archive, home, url))
    print(
        f"{home.root.name} has its log again: {_told(archive)}. If it has peers, they know what it wrote since: run"
        " `samverka recover` before anybody writes."
    )


async def _take(home: RegionDir, out: Path, url: str) -> Archive:
    region = home.root.name
    async with AsyncExitStack() as stack:
        client = await _connected(stack, home, url or _url_of(home) or NATS_URL_DEFAULT)
        with draft(out) as begun:
            return await take(client, begun, region=region, now_ms=SystemClock().wall_ms())


async def _restore(archive: Archive, home: RegionDir, url: str) -> None:
    if not url and _url_of(home):
        raise Failure(f"{home.root.name} runs: end `samverka up` before, and move its folder `nats` away.")
    epoch = Ids(archive.region, SystemClock()).new().rpartition("_")[2]
    async with AsyncExitStack() as stack:
        served = url or await stack.enter_async_context(serving(find_program(), home.nats_conf))
        await put_back(await _connected(stack, home, served), archive, epoch=epoch)


async def _connected(stack: AsyncExitStack, home: RegionDir, url: str) -> Client:
    """Connect as the keeper of the region's log."""
    client = Client()
    stack.push_async_callback(client.close)
    try:
        await connect(client, url, home.root.name, home.keeper_seed)
    except (NatsError, OSError, ValueError) as error:
        raise Failure(f"The nats-server of {home.root.name} cannot be reached at {url}: {error!r}.") from error
    return client


def _home(directory: Path) -> RegionDir:
    return RegionDir(directory.expanduser().resolve())


def _url_of(home: RegionDir) -> str:
    """Return the address of the region's server if ``samverka up`` runs it on this folder; empty if not."""
    run = read_run(DataDir.at(home.root.parent))
    records = run.of_region(home.root.name) if run else ()
    running = (record for record in records if record.service == NATS and record.identity and record.identity.find())
    return next((f"nats://{record.addresses['nats']}" for record in running), "")


def _told(archive: Archive) -> str:
    taken = datetime.fromtimestamp(archive.taken_at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
    size = archive.size / 1e6
    return f"{archive.entries:,} entries up to {archive.last_sequence:,}, as of {taken}, in {size:,.1f} MB"
