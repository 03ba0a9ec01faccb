"""What has become of the viewer's wish to be a member of a group."""

from __future__ import annotations

from samverka.feed.v1.feed_views_pb2 import MembershipState
from services.chassis.store import Connection
from services.feed.domain.groups import require_group
from services.feed.joining import find_join, membership_state
from services.feed.standing import find_standing


def get_membership_state(db: Connection, group_id: str, *, viewer: str) -> MembershipState.ValueType:
    """Return the state of the viewer's own request; it tells nothing else of the group. Raises NotFound."""
    group = require_group(find_standing(db, group_id, viewer))
    return membership_state(find_join(db, group_id, viewer, group.reach))
