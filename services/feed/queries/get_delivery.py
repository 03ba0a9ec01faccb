"""Where a post has arrived, as the other regions report it."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import Delivery, DeliveryState
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.feed.standing import seen


def get_delivery(db: Connection, post_id: str, *, viewer: str, region: str) -> list[Delivery]:
    """Return every other region that has ever reported, by name; none for whoever is not the author, or not at home here.

    None either for a post that stays in its region: it arrives nowhere.

    A post of this region stands in its log where it was written first, so the numbers of the reports are its own.
    """
    row = db.execute(
        f"""
        select sequence from posts post
        where id = :id and local = 0 and author = :viewer and deleted = 0 and {seen("post")}
        """,
        {"id": post_id, "viewer": viewer},
    ).fetchone()
    if row is None or region_of(post_id) != region:
        return []
    regions = db.execute("select distinct region from peer_positions where region != ? order by region", (region,))
    return [_delivery(db, str(peer), region, int(str(row[0]))) for (peer,) in regions.fetchall()]


def _delivery(db: Connection, peer: str, origin: str, sequence: int) -> Delivery:
    """Return when ``peer`` first reported more than ``sequence``, if a report before that is still known."""
    key = (peer, origin, sequence)
    first = db.execute(
        """
        select at_ms from peer_positions where region = ? and origin = ? and position >= ? order by position limit 1
        """,
        key,
    ).fetchone()
    if first is None:
        return Delivery(region=peer, state=DeliveryState.DELIVERY_STATE_WAITING)
    before = "select 1 from peer_positions where region = ? and origin = ? and position < ? limit 1"
    known = db.execute(before, key).fetchone() is not None
    return Delivery(region=peer, state=DeliveryState.DELIVERY_STATE_ARRIVED, at_ms=int(str(first[0])) if known else 0)
