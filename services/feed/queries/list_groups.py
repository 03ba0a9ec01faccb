"""All groups that are known here."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import GroupConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.group_views import group_page


def list_groups(db: Connection, page: PageRequest, *, viewer: str, epoch: str) -> GroupConnection:
    """Return a page of groups, latest arrival first."""
    return group_page(db, first=page.first, before=page.after, viewer=viewer, epoch=epoch)
