"""How many of the forgeries a replica must have refused."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from samverka.feed.v1.feed_events_pb2 import MembershipApproved
from services.chassis.envelope import seal
from services.chassis.ids import derive
from services.chassis.trust import Refusal
from simulation.checking.refusals import check_refused
from simulation.forging import Forgery
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

ANNA, BO, GROUP = (derive("stockholm", name) for name in ("anna", "bo", "group"))
MET = Refusal("stockholm", BO, "refused", 1, 7, 1)


def check(ledger: Sequence[Refusal], *, owner: str = GROUP, erased: str = "") -> None:
    """Look at a ledger where one forgery was sent, in Bo's name; raises Violation."""
    data = seal(MembershipApproved(), event_id="stockholm_1", origin="stockholm", actor=BO, occurred_at=1)
    replica = SimpleNamespace(
        projection=SimpleNamespace(service="feed"),
        runner=SimpleNamespace(refused_events=len(ledger)),
        store=SimpleNamespace(read_now=lambda read: ledger),
    )
    check_refused(
        cast("Region", SimpleNamespace(name="tokyo")),
        cast("Replica", replica),
        Reference(erased={erased: None} if erased else {}),
        liars=["stockholm"],
        forged=[Forgery("an approval", f"ev.stockholm.pub.feed.{owner}", data)],
    )


def test_a_forgery_was_refused_once() -> None:
    check([MET])

    for ledger in ([], [MET, MET]):
        with pytest.raises(Violation, match=f"refused {len(ledger)} events, not 1"):
            check(ledger)


@pytest.mark.parametrize("owner", [GROUP, BO], ids=["register of a group", "register of theirs"])
def test_one_of_somebody_who_is_erased_may_have_gone_before_it_was_met(owner: str) -> None:
    check([MET], owner=owner, erased=BO)
    check([], owner=owner, erased=BO)

    with pytest.raises(Violation, match="refused 0 events, not 1"):
        check([], owner=owner, erased=ANNA)
