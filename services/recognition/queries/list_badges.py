"""The badges that are known here."""

from __future__ import annotations

from samverka.recognition.v1.recognition_views_pb2 import BadgeConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.recognition.views import BADGE_COLUMNS, LAST, badge_page


def list_badges(
    db: Connection, page: PageRequest, *, retired_too: bool, viewer: str, month: int, epoch: str
) -> BadgeConnection:
    """Return a page of badges, latest arrival first."""
    rows = db.execute(
        f"""
        select badge.sequence, {BADGE_COLUMNS} from badges badge
        where badge.sequence < :before and (badge.retired = 0 or :retired_too)
        order by badge.sequence desc limit :most
        """,
        {
            "before": LAST if page.after is None else page.after,
            "retired_too": retired_too,
            "most": page.first + 1,
            "viewer": viewer,
            "month": month,
        },
    ).fetchall()
    return badge_page(rows, first=page.first, after=page.after, epoch=epoch)
