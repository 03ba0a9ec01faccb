"""Who is in a group, and who wants to be."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import MemberConnection
from services.chassis.paging import PageRequest
from services.chassis.store import Connection
from services.feed.domain.groups import require_group, require_moderator
from services.feed.group_views import member_page
from services.feed.standing import find_seen


def list_members(db: Connection, group_id: str, page: PageRequest, *, viewer: str, epoch: str) -> MemberConnection:
    """Return a page of the members of a group that is there for the viewer, the latest first. Raises NotFound."""
    group = require_group(find_seen(db, group_id, viewer))
    return member_page(db, group, first=page.first, before=page.after, waiting=False, epoch=epoch)


def list_requests(db: Connection, group_id: str, page: PageRequest, *, viewer: str, epoch: str) -> MemberConnection:
    """Return a page of those who wait to be let in. Raises NotFound, and Forbidden unless the viewer moderates the group."""
    group = require_group(find_seen(db, group_id, viewer))
    require_moderator(group.role, field="group_id")
    return member_page(db, group, first=page.first, before=page.after, waiting=True, epoch=epoch)
