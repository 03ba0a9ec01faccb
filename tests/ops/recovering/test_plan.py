"""A plan is read as it was written, and what is none is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.dirs import RegionDir
from ops.failure import Failure
from ops.recovering import plan as plans
from ops.recovering.held import open_held
from ops.recovering.plan import Plan
from ops.recovering.tail import Piece
from services.chassis.eventlog.port import Again

PLAN = Plan(
    region="oslo",
    epoch="01J",
    floor=7,
    moved=(5,),
    erased=("oslo_eve",),
    pieces=(Piece("ev.oslo.pub.feed.anna", "oslo_1", b"\0\xff", Again(5, ("tokyo",))), Piece("s", "oslo_2", b"", None)),
)


def test_what_was_begun_is_there_until_it_is_carried_out(tmp_path: Path) -> None:
    home = RegionDir(tmp_path)
    assert plans.begun(home) is None
    plans.begin(home, PLAN)
    assert plans.begun(home) == PLAN

    kept = plans.end(home, PLAN)

    assert plans.begun(home) is None
    assert (kept.name, kept.stat().st_mode & 0o777) == ("01J.json", 0o600)


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', "[1]"])
def test_what_is_no_plan_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "recovery").mkdir()
    (tmp_path / "recovery" / "begun.json").write_text(text)
    with pytest.raises(Failure, match=r"begun\.json is no plan"):
        plans.begun(RegionDir(tmp_path))


@pytest.mark.parametrize("text", ["", "{}\n", "[1]\n", '{"format": 1}\n'])
def test_what_says_nothing_of_what_a_region_holds_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "bergen.held").write_text(text)
    with pytest.raises(Failure, match="does not say what a region holds"):
        open_held(tmp_path / "bergen.held")


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bergen.held"
    file.write_text('{"format": 1, "holder": "bergen", "origin": "oslo"}\n[1, 1, "ev.oslo.pu')
    with pytest.raises(Failure, match="cannot be read"):
        list(open_held(file).entries())
