"""Every benchmark runs, on a company of thirty: that its figures are real is for whoever reads them to judge."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer import Typer
from typer.testing import CliRunner

from bench import __main__ as bench
from bench.report import Figure, show, write
from bench.workload import Size

TINY = Size(people=30, posts=200, followed=10, reactions=40, comments=20)


@pytest.mark.timeout(600)
async def test_every_benchmark_runs_and_has_figures(capfd: pytest.CaptureFixture[str]) -> None:
    figures = await bench.measure(TINY, requests=60, posts=4, plans=True)

    measured = {figure.name.partition(":")[0].partition(",")[0] for figure in figures}
    assert measured == {
        "across regions",
        "append to visible",
        "catch up",
        "createPost",
        "createPost acknowledged",
        "floor",
        "home feed",
        "home feed / floor",
        "home feed in SQLite",
        "last sequence and conditional append",
        "last sequence of a person's register",
        "last sequence of the directory",
        "replay",
    }
    assert all(figure.value >= 0 and figure.unit for figure in figures)
    told = capfd.readouterr().out
    assert "SEARCH posts USING COVERING INDEX posts_by_arrival" in told
    assert "MATERIALIZE leading" in told


async def test_only_what_was_named_is_measured() -> None:
    figures = await bench.measure(TINY, ["replay"], requests=0, posts=0)

    assert {figure.name.partition(":")[0] for figure in figures} == {"replay"}


async def test_searching_has_figures_too(capfd: pytest.CaptureFixture[str]) -> None:
    figures = await bench.measure(TINY, ["search"], requests=0, posts=0, searched=300)

    measured = {figure.name: figure.value for figure in figures}
    assert "300 posts in the store" in capfd.readouterr().out
    assert all(value > 0 for value in measured.values())
    common = [name for name in measured if name.startswith("search, a common word (")]
    assert len(common) == 3
    assert "(0 hits)" not in "".join(common), "it searches for nothing"


def test_a_name_that_there_is_not_is_bad_usage() -> None:
    app = Typer()
    app.command()(bench.main)

    result = CliRunner().invoke(app, ["home_fed"])

    assert result.exit_code == 2
    assert "there is no home_fed" in result.output


def test_figures_are_shown_with_their_machine_and_written_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = [Figure("requests", 1_234.5, "requests/s"), Figure("CPU", 0.625, "ms/request")]

    show(figures)
    write(figures, tmp_path / "figures.json")

    shown = capsys.readouterr().out
    assert "1,234" in shown
    assert "0.62" in shown
    assert "cores" in shown
    told = orjson.loads((tmp_path / "figures.json").read_bytes())
    assert told["figures"][1] == {"name": "CPU", "value": 0.625, "unit": "ms/request"}
    assert set(told["machine"]) >= {"cores", "load", "Python"}


async def test_finding_experts_has_figures_too() -> None:
    figures = await bench.measure(TINY, ["experts"], requests=0, posts=0, answered=60)

    measured = {figure.name: figure.value for figure in figures}
    assert len(measured) == 24
    assert all(value > 0 for value in measured.values())
