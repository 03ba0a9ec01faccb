"""The command ``samverka``: what the operator may ask for. Exit codes: 0 done, 1 failed, 2 bad usage.

Each command imports what it needs when it runs, so that ``samverka token`` does not wait for what ``up`` needs.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ops.failure import Failure
from ops.options import (
    DATA_DEFAULT,
    PORT_MAX,
    REPLICAS_MAX,
    TOKEN_HOURS_MAX,
    Data,
    Json,
    check_ports,
    parse_data,
    parse_region,
    parse_regions,
)

if TYPE_CHECKING:
    from ops.output import Output

app = typer.Typer(
    help="Run and look after a Samverka network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Region = Annotated[str, typer.Option("--region", metavar="REGION", help="The region, such as stockholm.")]


@app.command()
def up(
    regions: Annotated[str, typer.Option(metavar="A[,B…]", help="The regions to run.")] = "stockholm",
    data: Data = DATA_DEFAULT,
    port: Annotated[
        int, typer.Option(min=1, max=PORT_MAX, help="The first gateway's port; the next take the next.")
    ] = 8080,
    replicas: Annotated[
        int, typer.Option(min=1, max=REPLICAS_MAX, help="Replicas of each service in each region.")
    ] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Load some people and posts to look at.")] = False,
) -> None:
    """Run regions in the foreground until Ctrl-C."""
    names = parse_regions(regions)
    check_ports(port, len(names))
    where = parse_data(data)

    from ops import up as command
    from ops.demo import load_and_show

    request = command.UpRequest(data=where, regions=names, port=port, replicas=replicas)
    command.run(
        request,
        output=_output,
        environment=os.environ,
        after_ready=load_and_show if demo else command.show_nothing,
    )


@app.command()
def token(
    region: Region,
    handle: Annotated[str, typer.Option("--as", metavar="HANDLE", help="Who the token is for.")],
    role: Annotated[
        list[str] | None, typer.Option(metavar="ROLE", help="A role; may be given again. [default: member]")
    ] = None,
    name: Annotated[str, typer.Option(help="The person's name. [default: the handle]")] = "",
    hours: Annotated[int, typer.Option(min=1, max=TOKEN_HOURS_MAX, help="How long the token holds.")] = 12,
    data: Data = DATA_DEFAULT,
) -> None:
    """Print a development token, and nothing else."""
    from ops.tokens import Bearer, make_token
    from services.chassis.clock import SystemClock
    from services.chassis.errors import Invalid

    bearer = Bearer(region=parse_region(region), handle=handle, name=name, roles=role or ("member",))
    try:
        text = make_token(parse_data(data), bearer, lifetime_seconds=hours * 3600, clock=SystemClock())
    except Invalid as invalid:
        raise typer.BadParameter(invalid.message, param_hint=invalid.field) from invalid
    print(text)


@app.command()
def status(
    data: Data = DATA_DEFAULT,
    json: Json = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show how the processes, the logs and the projections do; exit 1 if something is not well."""
    from ops import agreement, status_view

    where = parse_data(data)
    if json and watch:
        raise typer.BadParameter("It goes with --json or with --watch, not with both.", param_hint="--watch")
    if watch:
        status_view.watch(where, compare=lambda: agreement.between_regions(where))
        return
    if not status_view.show(where, json=json):
        raise typer.Exit(1)


@app.command()
def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")],
    region: Region,
    data: Data = DATA_DEFAULT,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until every region has done it.")] = True,
) -> None:
    """Remove a person's content and personal data from every region, for good."""
    from ops import erase as command
    from services.chassis.clock import SystemClock

    work = command.erase(parse_data(data), parse_region(region), person, wait=wait, clock=SystemClock(), show=print)
    asyncio.run(work)


@app.command()
def trace(
    trace_id: Annotated[
        str,
        typer.Argument(metavar="TRACE", help="The trace: 32 hexadecimal digits, such as a line of the log names."),
    ] = "",
    last: Annotated[bool, typer.Option("--last", help="The request that was made last.")] = False,
    data: Data = DATA_DEFAULT,
    json: Json = False,
) -> None:
    """Show what came of one request: where, when, and for how long, in every region that runs here."""
    if last == bool(trace_id):
        raise typer.BadParameter("Name a trace, or give --last.", param_hint="TRACE")
    if trace_id and not re.fullmatch("[0-9a-f]{32}", trace_id):
        raise typer.BadParameter("A trace has 32 hexadecimal digits, in lower case.", param_hint="TRACE")

    from rich.console import Console

    from ops import trace_view
    from ops.traces import find_trace, last_trace

    where = parse_data(data)
    found = last_trace(where) if last else find_trace(where, trace_id)
    if found is None:
        raise Failure(f"Nothing of {'a request' if last else 'that trace'} is kept in {where.root}.")
    if json:
        print(trace_view.as_json(found))
    else:
        Console(highlight=False).print(trace_view.as_table(found))


@app.command()
def digest(region: Region, data: Data = DATA_DEFAULT, json: Json = False) -> None:
    """Print a fingerprint of every table of every replica."""
    from ops import digest as command

    found = asyncio.run(command.digests(parse_data(data), parse_region(region)))
    print(command.as_json(found) if json else command.as_text(found))


@app.command()
def agree(data: Data = DATA_DEFAULT, json: Json = False) -> None:
    """Tell whether the regions hold the same; exit 1 if two differ that have come as far."""
    from ops import agreement

    found = asyncio.run(agreement.agreements(parse_data(data)))
    print(agreement.as_json(found) if json else agreement.as_text(found))
    if any(one.verdict is agreement.Verdict.DIFFER for one in found):
        raise typer.Exit(1)


@app.command(
    "import",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
def import_(context: typer.Context) -> None:
    """Load people and posts from elsewhere."""
    from ops.importing.command import app as importing

    importing(args=context.args, prog_name="samverka import")


@app.command(
    "network",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
def network(context: typer.Context) -> None:
    """Describe the network of regions; cut, heal and extend one that runs here."""
    from ops.network.command import app as describing

    describing(args=context.args, prog_name="samverka network")


@app.command(
    "recover",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
def recover(context: typer.Context) -> None:
    """Give a region that lost the end of its log what its peers hold of it."""
    from ops.recovering.command import app as recovering

    recovering(args=context.args, prog_name="samverka recover")


@app.command(
    "backup",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
def backup(context: typer.Context) -> None:
    """Copy a region's log while it runs, try the copy, put it back."""
    from ops.backing_up.command import app as backing_up

    backing_up(args=context.args, prog_name="samverka backup")


def _output(names: list[str]) -> Output:
    from rich.console import Console

    from ops.output import Output

    return Output(Console(highlight=False), names)


def main() -> None:
    """Run the command that the process was started with."""
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # children are made by exec: gRPC need not prepare for forks
    try:
        app(prog_name="samverka")
    except Failure as failure:
        print(f"samverka: {failure}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
