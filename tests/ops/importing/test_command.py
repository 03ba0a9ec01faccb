"""The command line: exit codes, what goes where, and a kill -9 in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.failure import Failure
from ops.importing.command import app
from tests.ops.importing.dumps import write_dump
from tests.ops.importing.fakes import TOKEN, Fault, FaultAt, Region, serving

_SECONDS_MAX = 180


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "ale")


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    return file


@pytest.fixture
def strangers_token_file(token_file: Path) -> Path:
    token_file.write_text("not-an-importer")
    return token_file


async def start(dump: Path, target: str, token_file: Path, *more: str) -> asyncio.subprocess.Process:
    words = ["stackexchange", str(dump), "--region", "stockholm", "--profile-target", target, "--feed-target", target]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.cli", "import", *words, "--token-file", str(token_file), *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


async def finish(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await asyncio.wait_for(process.communicate(), _SECONDS_MAX)
    return process.returncode, out.decode(), err.decode()


async def test_an_import_ends_with_its_balance_as_json(dump: Path, token_file: Path) -> None:
    async with serving(Region()) as target:
        code, out, _ = await finish(await start(dump, target, token_file, "--json"))
    assert code == 0
    balance = json.loads(out)
    assert balance["balanced"] is True
    assert balance["source"] == "stackexchange:ale"
    assert balance["total"]["read"] == 24
    assert {(refusal["file"], refusal["line"]) for refusal in balance["refusals"]} == {
        ("Posts.xml", 9),
        ("Votes.xml", 8),
    }


async def test_a_dump_that_is_not_whole_is_exit_1_after_its_balance(dump: Path, token_file: Path) -> None:
    votes = dump / "Votes.xml"
    votes.write_text(votes.read_text().removesuffix("\n").removesuffix("</votes>"))
    async with serving(Region()) as target:
        code, out, err = await finish(await start(dump, target, token_file))
    assert code == 1
    assert "records" in out
    assert "not whole: Votes.xml" in err


async def test_a_killed_import_is_completed_by_running_it_again(dump: Path, token_file: Path) -> None:
    whole = Region()
    async with serving(whole) as target:
        await finish(await start(dump, target, token_file))
    reached, region = asyncio.Event(), Region()
    region.fault_at = at(11, reached)
    async with serving(region) as target:
        process = await start(dump, target, token_file)
        await asyncio.wait_for(reached.wait(), _SECONDS_MAX)
        process.kill()
        await finish(process)
        assert 0 < len(region.receipts) < len(whole.receipts)
        code, out, _ = await finish(await start(dump, target, token_file))
    assert code == 0
    assert "24 records" in out
    assert region.state() == whole.state()
    assert region.effects == whole.effects


def at(number: int, reached: asyncio.Event) -> FaultAt:
    """Lose every command from the ``number``-th on, until what waits for ``reached`` has ended the sender."""

    def look(arrived: int) -> Fault | None:
        if arrived >= number and not reached.is_set():
            reached.set()
            return Fault.AWAY
        return None

    return look


async def test_an_error_of_no_single_record_ends_it_with_exit_1_and_a_way_on(
    dump: Path, strangers_token_file: Path
) -> None:
    async with serving(Region()) as target:
        code, out, err = await finish(await start(dump, target, strangers_token_file))
    assert (code, out) == (1, "")
    assert "role importer" in err
    assert "run the same command again" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["/nowhere", "--region", "stockholm"], "does not exist"),
        (["{dump}"], "--region"),
        (["{dump}", "--region", "Not A Region"], "region"),
        (["{dump}", "--region", "stockholm", "--community", "Bad Name"], "--community"),
        (["{dump}", "--region", "stockholm", "--feed-target", "dns:///feed:1"], "together"),
        (["{dump}", "--region", "stockholm", "--concurrency", "0"], "--concurrency"),
        (["{dump}", "--region", "stockholm", "--check", "--feed-target", "dns:///feed:1"], "--check"),
        (["{empty}", "--region", "stockholm"], "Users.xml"),
    ],
)
def test_bad_usage_is_exit_2(dump: Path, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "empty").mkdir()
    filled = [word.format(dump=dump, empty=tmp_path / "empty") for word in words]
    result = CliRunner().invoke(app, ["stackexchange", *filled], env={"TERM": "dumb", "COLUMNS": "200"})
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_where_nothing_runs_it_fails_with_a_line(dump: Path, tmp_path: Path, options: list[str]) -> None:
    words = ["stackexchange", str(dump), "--region", "stockholm", "--data", str(tmp_path / "data"), *options]
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, Failure)
    assert "samverka up" in str(result.exception)
