"""What parts of the servicer do the same way: intents, pages, what a command led to, and what moderators ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import grpc.aio
from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import (
    CommentConnection,
    GroupConnection,
    MemberConnection,
    MentionConnection,
    PostConnection,
)
from services.chassis.auth import current_caller
from services.chassis.deciding import Decider, Intent, parse_intent
from services.chassis.errors import SamverkaError
from services.chassis.eventlog.port import Position
from services.chassis.ids import region_of
from services.chassis.paging import PageRequest, parse_page
from services.chassis.projection import ProjectionRunner
from services.chassis.store import Connection
from services.feed.commands.decide_moderation import DecideModeration, decide_moderation
from services.feed.moderating import find_request
from services.feed.views import find_comment, find_post
from services.feed.watching import FeedWatch

_log = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext[Any, Any]
Shown = TypeVar("Shown")
Paged = TypeVar("Paged", PostConnection, CommentConnection, GroupConnection, MemberConnection, MentionConnection)


class Command(Protocol):
    """A request that carries a command."""

    @property
    def context(self) -> CommandContext: ...


class RpcPart:
    """A part of the servicer."""

    def __init__(self, *, region: str, decider: Decider, runner: ProjectionRunner, watch: FeedWatch) -> None:
        self._region = region
        self._decider = decider
        self._runner = runner
        self._watch = watch

    def _intent(self, request: Command) -> Intent:
        return parse_intent(cast("Message", request), request.context, current_caller(), self._region)

    def _page(self, first: int, after: str) -> PageRequest:
        return parse_page(first=first, after=after, epoch=self._runner.position.epoch)

    def _begun(self, connection: Paged, page: PageRequest) -> Paged:
        """Return the page with what is known of its beginning."""
        connection.page_info.has_previous_page = page.after is not None
        connection.page_info.start_cursor = connection.edges[0].cursor if connection.edges else ""
        return connection

    def _shown(self, find: Callable[[Connection], Shown | None]) -> Shown:
        """Return what a command led to, as a reader sees it now."""
        shown = self._runner.store.read_now(find)
        if shown is None:
            raise self._decider.not_shown()
        return shown

    def _target(self, target_id: str, *, viewer: str) -> pb.Target:
        def find(db: Connection) -> pb.Target | None:
            post = find_post(db, target_id, viewer=viewer)
            if post is not None:
                return pb.Target(post=post)
            comment = find_comment(db, target_id, viewer=viewer)
            return pb.Target(comment=comment) if comment is not None else None

        return self._shown(find)

    async def _decide_if_at_home(self, request_id: str) -> Position | None:
        """Decide the request now if its group is at home here; None if it is not, or cannot be decided now."""
        request = self._runner.store.read_now(lambda db: find_request(db, request_id))
        if request is None or region_of(request.group_id) != self._region:
            return None
        try:
            return (await decide_moderation(DecideModeration(request), decider=self._decider)).position
        except SamverkaError as error:  # the request stands in the log, and the policy tries again
            _log.warning("a request is left to the policy", extra={"request": request_id, "error": str(error)})
            return None
