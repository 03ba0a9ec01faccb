"""The feed service over gRPC: requests are parsed here, carried out below, and answered with what is shown.

One file a topic, each a part of the servicer; ``parts`` has what all of them need.
"""

from __future__ import annotations

from samverka.feed.v1.feed_service_pb2_grpc import FeedServiceServicer
from services.feed.rpc.comments import CommentsRpc
from services.feed.rpc.groups import GroupsRpc
from services.feed.rpc.moderation import ModerationRpc
from services.feed.rpc.pages import PagesRpc
from services.feed.rpc.posts import PostsRpc
from services.feed.rpc.questions import QuestionsRpc


class FeedRpc(PostsRpc, CommentsRpc, QuestionsRpc, GroupsRpc, ModerationRpc, PagesRpc, FeedServiceServicer):
    """What integrators and the gateway call."""
