"""What each region must have reported of what was written."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from samverka.feed.v1.feed_events_pb2 import MembershipDeclined
from samverka.network.v1.network_events_pb2 import OriginPosition, RegionReported
from services.chassis.envelope import seal
from services.chassis.eventlog.port import Entry
from services.chassis.ids import derive, region_actor
from services.network.projections import network_projection
from simulation.checking.positions import check_reports
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation
from tests.support.tables import Tables

ANNA, BO, GROUP = (derive("stockholm", name) for name in ("anna", "bo", "group"))
LAST = 7


def check(*, reported: int, erased: str = "") -> None:
    """Look at what is reported of a log whose last is a decision of Anna's for a group; raises Violation."""
    tables = Tables(network_projection())
    said = RegionReported(region="stockholm", origins=[OriginPosition(origin="stockholm", sequence=reported)])
    assert tables.apply(said, actor=region_actor("stockholm"), owner="stockholm")
    decided = seal(MembershipDeclined(), event_id="stockholm_7", origin="stockholm", actor=ANNA, occurred_at=1)
    log = [Entry(LAST, f"ev.stockholm.pub.feed.{GROUP}", decided, "stockholm_7", None)]
    replica = SimpleNamespace(
        projection=SimpleNamespace(service="network"),
        store=SimpleNamespace(read_now=lambda read: read(tables.db)),
    )
    region = cast("Region", SimpleNamespace(name="stockholm"))
    reference = Reference(erased={erased: None} if erased else {})
    check_reports(region, cast("Replica", replica), reference, {"stockholm": log})


def test_all_that_was_written_is_reported() -> None:
    check(reported=LAST)

    with pytest.raises(Violation, match="has 6 of stockholm, which wrote 7"):
        check(reported=LAST - 1)


def test_what_the_erased_decided_for_a_group_need_not_be() -> None:
    check(reported=LAST - 1, erased=ANNA)

    with pytest.raises(Violation, match="has 6 of stockholm, which wrote 7"):
        check(reported=LAST - 1, erased=BO)
