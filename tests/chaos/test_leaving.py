"""Facts about how people of the load leave, and when they have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chaos import asking
from chaos.board import Board, Known, KnownAnswer
from chaos.client import Client, Outcome, Write
from chaos.findings import Kind
from chaos.journal import Journal, open_journal
from chaos.leaving import ask_to_be_erased, check_silenced, have_erased, is_done
from chaos.samverka import CannotGoOn, Network
from chaos.writer import Writer

ERASURE = "stockholm_E1"


class Region(Client):
    """Answers every write with the same, and every question with how far an erasure is said to have come."""

    def __init__(self, code: str = "", states: Mapping[str, str] | None = None) -> None:
        self._code = code
        self._states = states
        self.writes: list[Write] = []

    async def write(self, write: Write, key: str) -> Outcome:
        self.writes.append(write)
        return Outcome({} if self._code else {"erasure": {"id": ERASURE}}, self._code, attempts=1)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        if self._states is None:
            return {"erasure": None}
        return {"erasure": {"regions": [{"region": name, "state": state} for name, state in self._states.items()]}}


class Operator(Network):
    """Has a command that says one thing, or fails."""

    def __init__(self, said: str) -> None:
        self._said = said
        self.commands: list[tuple[str, ...]] = []

    async def command(self, *words: str) -> str:
        self.commands.append(words)
        if not self._said:
            raise CannotGoOn("The network service does not answer.")
        return self._said


def writer(region: Region, journal: Journal, board: Board | None = None) -> Writer:
    return Writer(
        region="stockholm",
        handle="leaver-0",
        person_id="stockholm_LEAVER",
        client=region,
        journal=journal,
        board=board or Board(),
        chance=Random(1),
        clock=lambda: 1.0,
    )


async def test_who_asks_to_be_erased_and_whom_an_operator_has_erased_stands_in_the_journal_with_the_erasure(
    tmp_path: Path,
) -> None:
    operator = Operator(f"The erasure {ERASURE} is ordered.\ntokyo: waiting\n")
    with open_journal(tmp_path / "journal") as journal:
        leaver = writer(Region(), journal)
        assert await ask_to_be_erased(leaver) == ERASURE
        assert await have_erased(operator, leaver) == ERASURE

    assert operator.commands == [("erase", leaver.id, "--region", "stockholm", "--no-wait")]
    told = [(entry.field, entry.person, entry.input["personId"], entry.made) for entry in journal.entries]
    assert told == [("requestErasure", leaver.id, leaver.id, ERASURE)] * 2


async def test_an_order_that_does_not_get_through_is_in_no_journal(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        assert await have_erased(Operator(""), writer(Region(), journal)) == ""
        assert await ask_to_be_erased(writer(Region("person_erased"), journal)) == ""
        with pytest.raises(CannotGoOn):
            await ask_to_be_erased(writer(Region("forbidden"), journal))

    assert len(journal) == 0


@pytest.mark.parametrize(
    ("states", "done"),
    [
        ({"stockholm": "DONE", "tokyo": "DONE"}, True),
        ({"stockholm": "DONE", "tokyo": "WAITING"}, False),
        ({"stockholm": "DONE"}, False),
        (None, False),
    ],
    ids=str,
)
async def test_somebody_is_erased_when_all_regions_say_so(states: Mapping[str, str] | None, *, done: bool) -> None:
    assert await is_done(Region(states=states), ERASURE, ["stockholm", "tokyo"]) == done


@pytest.mark.parametrize(
    ("code", "wrong"), [("person_erased", False), ("", True), ("post_not_found", True)], ids=["refused", "done", "odd"]
)
async def test_somebody_erased_who_can_write_is_found(code: str, *, wrong: bool, tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        found = await check_silenced(writer(Region(code), journal))

    assert [finding.kind for finding in found] == [Kind.ANSWER] * wrong


async def test_no_group_rules_on_an_answer_of_somebody_who_will_be_erased(tmp_path: Path) -> None:
    question = Known("stockholm_Q1", "stockholm", "stockholm_ANNA", group="stockholm_G", question=True)
    board = Board(answers=[KnownAnswer("stockholm_A1", question, "stockholm_LEAVER")])  # type: ignore[arg-type]
    with open_journal(tmp_path / "journal") as journal:
        region = Region()
        moderator = writer(region, journal, board)
        moderator.own.moderates.append("stockholm_G")
        board.leavers.add("stockholm_LEAVER")
        assert not await asking.rule(moderator)
        board.leavers.clear()
        assert await asking.rule(moderator)
    assert len(region.writes) == 1
