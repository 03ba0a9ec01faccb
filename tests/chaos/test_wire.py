"""Facts about the reading of events: it says what the generated code has written, and takes nothing that is torn."""

from __future__ import annotations

import pytest

from chaos.allowances import AWARDED
from chaos.wire import read_fact
from samverka.event.v1.event_pb2 import Event
from samverka.recognition.v1.recognition_events_pb2 import VISIBILITY_PRIVATE, BadgeAwarded


def award() -> bytes:
    event = Event(id="stockholm_E", origin="stockholm", actor="stockholm_ANNA", occurred_at=2**63)
    event.authored_at.seconds = 1
    event.payload.Pack(
        BadgeAwarded(badge_id="stockholm_B", message="å" * 300, visibility=VISIBILITY_PRIVATE, given_at_ms=2**42)
    )
    return event.SerializeToString()


def test_an_event_says_here_what_was_written() -> None:
    fact = read_fact(award())

    assert (fact.kind, fact.actor) == (AWARDED, "stockholm_ANNA")
    assert (fact.text(2), fact.text(4), fact.number(5), fact.number(6)) == ("stockholm_B", "å" * 300, 2, 2**42)
    assert (fact.text(1), fact.number(9)) == ("", 0)


@pytest.mark.parametrize("kept", [1, 30, 200, -1])
def test_an_event_that_ends_too_soon_is_refused(kept: int) -> None:
    with pytest.raises(ValueError, match=r"too soon|does not end"):
        read_fact(award()[:kept])
