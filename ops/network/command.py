"""``samverka network``: the command line of the network's description and of what follows from it."""

from __future__ import annotations

import asyncio
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ops.dirs import DataDir, RegionDir, write_private
from ops.failure import Failure
from ops.nats.asking import ask_peers
from ops.nats.dropping import drop_links
from ops.nats.program import find_program
from ops.nats.reloading import reload_server
from ops.network import local
from ops.network.changes import Changes, Need, compare
from ops.network.description import DescriptionFault, Network, parse_network, read_network
from ops.network.editing import new_text, with_region, without_region
from ops.network.hosts import why_no_address
from ops.network.keyring import Keyring
from ops.network.preparing import Prepared, all_seeds, prepare
from ops.network.writing import write as write_files
from ops.options import DATA_DEFAULT, Data, parse_region
from services.chassis.clock import SystemClock

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

File = Annotated[Path, typer.Option("--file", metavar="FILE", help="The network's description.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write what follows into DIR at once.")]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Where each region's files are kept.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR/REGION", help="The region's files.")]
Url = Annotated[str, typer.Option(metavar="URL", help="The region's nats-server.")]
_FILE = Path("network.toml")
_URL = "nats://127.0.0.1:4222"
_DESCRIPTION_MODE = 0o644


@app.callback()
def network() -> None:
    """Describe the network of regions and give each region what it needs; cut, heal and extend one that runs here.

    Exit codes: 0 done, 1 failed, 2 bad usage, which a wrong description is too.
    """


@app.command()
def plan(directory: Directory, file: File = _FILE) -> None:
    """Say what writing would change, and change nothing."""
    _, described = _read(file)
    data = _directory(directory)
    changes = compare(_prepare(described, _keyring(data), data))
    _tell(changes)


@app.command()
def write(directory: Directory, file: File = _FILE) -> None:
    """Give each region its files: configuration, keys, certificate. Nothing that is still good is made anew.

    A region's folder holds what its operator needs and no other region's secret. nats-server reads every configuration
    before anything is written; if it refuses one, all stays as it was.
    """
    _, described = _read(file)
    data = _directory(directory)
    _carry_out(described, _keyring(data), data)


@app.command()
def add(
    region: Annotated[str, typer.Argument(metavar="REGION")],
    leaf: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where its peers dial.")] = "",
    leaf_listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where it listens for them.")] = "",
    client_listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where its services connect.")] = "",
    monitor_listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where it shows its figures.")] = "",
    link: Annotated[
        list[str] | None, typer.Option(metavar="REGION", help="Whom it shares with, if links are listed; repeat it.")
    ] = None,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="It runs as deploy/k8s has it, at addresses of its own.")
    ] = False,
    file: File = _FILE,
    out: Out = None,
    data: Data = DATA_DEFAULT,
) -> None:
    """Add a region: with --leaf to the description, which is begun if it is not there; without, to a running network.

    What `samverka up` runs on --data takes the region in while it runs, and nobody else restarts. The next `up` must be
    given the region too.
    """
    name = parse_region(region)
    if not leaf:
        if leaf_listen or client_listen or monitor_listen or link or kubernetes or out:
            raise typer.BadParameter("It is needed to add a region to the description.", param_hint="--leaf")
        local.join(name, data)
        return
    settings = {
        "leaf": leaf,
        "leaf_listen": leaf_listen,
        "client_listen": client_listen,
        "monitor_listen": monitor_listen,
    }
    for setting, address in settings.items():
        if address and (wrong := why_no_address(address)):
            raise typer.BadParameter(f"{address!r} {wrong}.", param_hint=f"--{setting.replace('_', '-')}")
    text = _read(file)[0] if file.exists() else new_text(file.resolve().parent.name or "samverka")
    given: dict[str, str | bool] = {key: value for key, value in settings.items() if value}
    if kubernetes:
        given["kubernetes"] = True
    _edit(file, with_region(text, name, given, links=link or ()), out)
    print(f"{name} stands in {file}.")


@app.command()
def remove(
    region: Annotated[str, typer.Argument(metavar="REGION")],
    file: File = _FILE,
    out: Out = None,
    running: Annotated[
        bool, typer.Option("--running", help="Take it out of what `samverka up` runs on --data instead.")
    ] = False,
    data: Data = DATA_DEFAULT,
) -> None:
    """Take a region out of the description, or with --running out of a running network; its log stays where it is."""
    name = parse_region(region)
    if running:
        if out is not None:
            raise typer.BadParameter("It goes with the description, not with --running.", param_hint="--out")
        local.leave(name, data)
        return
    _edit(file, without_region(_read(file)[0], name), out)
    print(f"{name} stands in {file} no longer.")


app.command()(local.cut)
app.command()(local.heal)


@app.command("rotate-keys")
def rotate_keys(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where each region's files are kept.")],
    region: Annotated[str, typer.Argument(metavar="[REGION]", help="Only this region's users and links.")] = "",
    finish: Annotated[bool, typer.Option("--finish", help="Take the old keys no longer.")] = False,
    file: File = _FILE,
) -> None:
    """Make new keys for users and links, in three steps in which nobody is refused.

    1. `rotate-keys` makes new seeds; servers take the new key and the one before. Hand the files out and reload the
    servers in the order that is printed: those that accept a link come before those that dial it.
    2. Start the services again, one after the other: they read their seed when they start.
    3. `rotate-keys --finish`, and reload again: the old keys are taken no longer. Without it they are taken until the
    next change. A link that is open stays open; if a key is in the wrong hands, reload with --close-all.
    """
    _, described = _read(file)
    data = _directory(out)
    keyring = _keyring(data)
    if region and parse_region(region) not in {one.name for one in described.regions}:
        raise Failure(f"The description has no region {region}.")
    for seed in sorted(all_seeds(described, data, region)):
        if finish:
            keyring.finish(seed)
        else:
            keyring.change(seed)
    _carry_out(described, keyring, data)


@app.command()
def reload(
    directory: Folder,
    pid: Annotated[int, typer.Option(min=2, help="The region's nats-server.")],
    monitor: Annotated[str, typer.Option(metavar="URL", help="Where the server shows its figures.")] = (
        "http://127.0.0.1:8222"
    ),
    url: Url = _URL,
    close_all: Annotated[
        bool, typer.Option("--close-all", help="Close every link: who may dial does so again, with the keys of now.")
    ] = False,
) -> None:
    """Make a region's running nats-server go by its new configuration; a link of a region that left is closed.

    It is told twice: a new peer's account answers only then.
    """
    home, peers = _region(directory)
    closed = asyncio.run(_reload(home, [] if close_all else peers, pid, monitor.rstrip("/"), url))
    print(f"{directory.name} goes by its new configuration; links closed: {closed}.")


@app.command()
def probe(directory: Folder, url: Url = _URL) -> None:
    """Ask every peer over its link whether it would share its log; exit 1 if one does not answer."""
    home, peers = _region(directory)
    answers = asyncio.run(ask_peers(url, home.keeper_seed, peers))
    for peer, answered in answers.items():
        print(f"{peer}: {'answers' if answered else 'does not answer'}")
    if not all(answers.values()):
        raise typer.Exit(1)


async def _reload(home: RegionDir, peers: list[str], pid: int, monitor_url: str, url: str) -> int:
    await reload_server(pid, monitor_url=monitor_url)
    return await drop_links(url=url, monitor_url=monitor_url, system_seed=home.system_seed, peers=peers)


def _region(directory: Path) -> tuple[RegionDir, list[str]]:
    """Return a region's folder and its peers."""
    home = RegionDir(directory.expanduser().resolve())
    try:
        return home, [str(peer) for peer in orjson.loads(home.peers.read_bytes())["peers"]]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Failure(f"{home.peers} cannot be read: {error}.") from error


def _read(file: Path) -> tuple[str, Network]:
    try:
        return read_network(file)
    except DescriptionFault as fault:
        raise typer.BadParameter(str(fault), param_hint=str(file)) from fault


def _directory(path: Path) -> DataDir:
    if path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{path} is not a directory.", param_hint="DIR")
    return DataDir.at(path)


def _keyring(data: DataDir) -> Keyring:
    return Keyring(data, secrets.token_bytes)


def _prepare(described: Network, keyring: Keyring, data: DataDir) -> Prepared:
    return prepare(described, keyring, data, now_ms=SystemClock().wall_ms())


def _edit(file: Path, text: str, out: Path | None) -> None:
    """Write the description, and what follows from it into ``out`` if that is given."""
    described = parse_network(text)
    if out is not None:
        data = _directory(out)
        _carry_out(described, _keyring(data), data)
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _DESCRIPTION_MODE
    write_private(file, text.encode())
    file.chmod(mode)  # it holds no secret, and others may have to read it


def _carry_out(described: Network, keyring: Keyring, data: DataDir) -> None:
    prepared = _prepare(described, keyring, data)
    changes = compare(prepared)
    write_files(prepared, changes, nats_program=find_program())
    _tell(changes)


def _tell(changes: Changes) -> None:
    if not changes:
        print("Nothing to do.")
        return
    for line in changes.lines:
        print(line)
    for line in _needs(changes):
        print(line)


def _needs(changes: Changes) -> Iterable[str]:
    told = {
        Need.RELOAD: "Then reload, in this order, what runs (`samverka network reload`)",
        Need.RESTART: "Then restart, one after the other",
        Need.START: "Then start",
    }
    for need, words in told.items():
        regions = [region for region, needed in changes.needs.items() if needed is need]
        if regions:
            yield f"{words}: {', '.join(regions)}."
