"""What a member does in the feed, one function a call."""

from __future__ import annotations

from typing import Any

from samverka.event.v1.event_pb2 import CommandContext
from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_events_pb2 import (
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_UNSPECIFIED,
    POST_KIND_QUESTION,
    POST_KIND_UNSPECIFIED,
    GroupRole,
    GroupVisibility,
    PostKind,
)
from samverka.feed.v1.feed_views_pb2 import (
    REACH_UNSPECIFIED,
    Comment,
    CommentConnection,
    Group,
    GroupConnection,
    MemberConnection,
    MentionConnection,
    Moderation,
    Post,
    PostConnection,
    Reach,
    ReactionCount,
)
from tests.support.services import Member, Replica, key


async def publish(
    member: Member,
    body: str = "hello",
    *,
    context: CommandContext | None = None,
    replica: Replica | None = None,
    group_id: str = "",
    reach: Reach.ValueType = REACH_UNSPECIFIED,
    kind: PostKind.ValueType = POST_KIND_UNSPECIFIED,
    title: str = "",
) -> Post:
    stub = (replica or member.region.feed).feed
    request = pb.PublishPostRequest(context=context, body=body, group_id=group_id, reach=reach, kind=kind, title=title)
    answer = await member.ask(stub.PublishPost, request)
    post: Post = answer.post
    return post


async def ask(
    member: Member,
    title: str = "How?",
    *,
    body: str = "I wonder.",
    group_id: str = "",
    reach: Reach.ValueType = REACH_UNSPECIFIED,
) -> Post:
    """Publish a question."""
    return await publish(member, body, group_id=group_id, reach=reach, kind=POST_KIND_QUESTION, title=title)


async def edit(
    member: Member, post_id: str, body: str = "better", *, title: str | None = None, under: str = ""
) -> Post:
    request = pb.EditPostRequest(context=key(under), post_id=post_id, body=body, title=title)
    post: Post = (await member.ask(member.region.feed.feed.EditPost, request)).post
    return post


async def delete(member: Member, post_id: str, *, under: str = "") -> str:
    request = pb.DeletePostRequest(context=key(under), post_id=post_id)
    deleted: str = (await member.ask(member.region.feed.feed.DeletePost, request)).post_id
    return deleted


async def comment(
    member: Member, post_id: str, body: str = "indeed", *, answer: bool = False, under: str = ""
) -> Comment:
    request = pb.AddCommentRequest(context=key(under), post_id=post_id, body=body, answer=answer)
    added: Comment = (await member.ask(member.region.feed.feed.AddComment, request)).comment
    return added


async def answer(member: Member, post_id: str, body: str = "Like this.") -> Comment:
    return await comment(member, post_id, body, answer=True)


async def accept(member: Member, comment_id: str, *, under: str = "") -> pb.AcceptAnswerResponse:
    request = pb.AcceptAnswerRequest(context=key(under), comment_id=comment_id)
    accepted: pb.AcceptAnswerResponse = await member.ask(member.region.feed.feed.AcceptAnswer, request)
    return accepted


async def unaccept(member: Member, post_id: str, *, under: str = "") -> pb.UnacceptAnswerResponse:
    request = pb.UnacceptAnswerRequest(context=key(under), post_id=post_id)
    accepted: pb.UnacceptAnswerResponse = await member.ask(member.region.feed.feed.UnacceptAnswer, request)
    return accepted


async def mark_helpful(member: Member, target_id: str) -> Any:
    """Return the post or the comment that helped."""
    return _kind(
        (await member.ask(member.region.feed.feed.MarkHelpful, pb.MarkHelpfulRequest(target_id=target_id))).target
    )


async def unmark_helpful(member: Member, target_id: str) -> Any:
    """Return the post or the comment that helped no more."""
    request = pb.UnmarkHelpfulRequest(target_id=target_id)
    return _kind((await member.ask(member.region.feed.feed.UnmarkHelpful, request)).target)


async def questions(
    member: Member,
    *,
    wanted: pb.QuestionFilter.ValueType = pb.QUESTION_FILTER_UNSPECIFIED,
    topic: str = "",
    group_id: str = "",
    first: int = 0,
    after: str = "",
) -> PostConnection:
    request = pb.ListQuestionsRequest(filter=wanted, topic=topic, group_id=group_id, first=first, after=after)
    posts: PostConnection = (await member.ask(member.region.feed.feed.ListQuestions, request)).posts
    return posts


async def mentions(member: Member, *, first: int = 0, after: str = "") -> MentionConnection:
    request = pb.ListMentionsRequest(first=first, after=after)
    found: MentionConnection = (await member.ask(member.region.feed.feed.ListMentions, request)).mentions
    return found


async def delete_comment(member: Member, comment_id: str) -> str:
    request = pb.DeleteCommentRequest(comment_id=comment_id)
    deleted: str = (await member.ask(member.region.feed.feed.DeleteComment, request)).comment_id
    return deleted


async def react(member: Member, target_id: str, emoji: str = "👍", *, under: str = "") -> Any:
    """Return the post or the comment that was reacted to."""
    request = pb.ReactRequest(context=key(under), target_id=target_id, emoji=emoji)
    return _kind((await member.ask(member.region.feed.feed.React, request)).target)


async def unreact(member: Member, target_id: str, emoji: str = "👍") -> Any:
    request = pb.UnreactRequest(target_id=target_id, emoji=emoji)
    return _kind((await member.ask(member.region.feed.feed.Unreact, request)).target)


async def get_post(member: Member, post_id: str) -> Post:
    post: Post = (await member.ask(member.region.feed.feed.GetPost, pb.GetPostRequest(post_id=post_id))).post
    return post


async def get_comment(member: Member, comment_id: str) -> Comment:
    request = pb.GetCommentRequest(comment_id=comment_id)
    found: Comment = (await member.ask(member.region.feed.feed.GetComment, request)).comment
    return found


async def thread(member: Member, post_id: str, *, first: int = 0, after: str = "") -> CommentConnection:
    request = pb.GetThreadRequest(post_id=post_id, first=first, after=after)
    comments: CommentConnection = (await member.ask(member.region.feed.feed.GetThread, request)).comments
    return comments


async def home_page(
    member: Member, *, first: int = 0, after: str = "", replica: Replica | None = None
) -> PostConnection:
    request = pb.ListHomeFeedRequest(first=first, after=after)
    posts: PostConnection = (await member.ask((replica or member.region.feed).feed.ListHomeFeed, request)).posts
    return posts


async def home(member: Member) -> list[str]:
    """Return the ids of a home feed of at most 100 posts, latest first."""
    return ids(await home_page(member, first=100))


async def person_page(member: Member, person_id: str, *, first: int = 0, after: str = "") -> PostConnection:
    request = pb.ListPersonPostsRequest(person_id=person_id, first=first, after=after)
    posts: PostConnection = (await member.ask(member.region.feed.feed.ListPersonPosts, request)).posts
    return posts


async def create_group(
    member: Member,
    name: str = "Chess",
    *,
    about: str = "",
    reach: Reach.ValueType = REACH_UNSPECIFIED,
    visibility: GroupVisibility.ValueType = GROUP_VISIBILITY_UNSPECIFIED,
    under: str = "",
    replica: Replica | None = None,
) -> Group:
    request = pb.CreateGroupRequest(context=key(under), name=name, about=about, reach=reach, visibility=visibility)
    group: Group = (await member.ask((replica or member.region.feed).feed.CreateGroup, request)).group
    return group


async def create_private_group(member: Member, *, reach: Reach.ValueType = REACH_UNSPECIFIED) -> Group:
    return await create_group(member, "Board", reach=reach, visibility=GROUP_VISIBILITY_PRIVATE)


async def update_group(member: Member, group_id: str, *, name: str | None = None, about: str | None = None) -> Group:
    request = pb.UpdateGroupRequest(group_id=group_id, name=name, about=about)
    group: Group = (await member.ask(member.region.feed.feed.UpdateGroup, request)).group
    return group


async def ask_in(member: Member, group_id: str, *, under: str = "") -> pb.RequestMembershipResponse:
    """Ask a private group to be let in."""
    request = pb.RequestMembershipRequest(context=key(under), group_id=group_id)
    answer: pb.RequestMembershipResponse = await member.ask(member.region.feed.feed.RequestMembership, request)
    return answer


async def approve(member: Member, group_id: str, person_id: str, *, under: str = "") -> Moderation:
    request = pb.ApproveMembershipRequest(context=key(under), group_id=group_id, person_id=person_id)
    moderation: Moderation = (await member.ask(member.region.feed.feed.ApproveMembership, request)).moderation
    return moderation


async def let_in(moderator: Member, group_id: str, *members: Member) -> None:
    """Let members into a private group at whose home all of them live."""
    for member in members:
        await ask_in(member, group_id)
        await approve(moderator, group_id, member.id)


async def remove(member: Member, group_id: str, person_id: str, *, under: str = "") -> Moderation:
    request = pb.RemoveMemberRequest(context=key(under), group_id=group_id, person_id=person_id)
    moderation: Moderation = (await member.ask(member.region.feed.feed.RemoveMember, request)).moderation
    return moderation


async def ban(member: Member, group_id: str, person_id: str, *, under: str = "") -> Moderation:
    request = pb.BanMemberRequest(context=key(under), group_id=group_id, person_id=person_id, reason="spam")
    moderation: Moderation = (await member.ask(member.region.feed.feed.BanMember, request)).moderation
    return moderation


async def unban(member: Member, group_id: str, person_id: str) -> Moderation:
    request = pb.UnbanMemberRequest(group_id=group_id, person_id=person_id)
    moderation: Moderation = (await member.ask(member.region.feed.feed.UnbanMember, request)).moderation
    return moderation


async def group_members(member: Member, group_id: str, *, first: int = 0, after: str = "") -> MemberConnection:
    request = pb.ListMembersRequest(group_id=group_id, first=first, after=after)
    members: MemberConnection = (await member.ask(member.region.feed.feed.ListMembers, request)).members
    return members


async def waiting(member: Member, group_id: str, *, first: int = 0, after: str = "") -> MemberConnection:
    """Return who waits to be let in."""
    request = pb.ListMembershipRequestsRequest(group_id=group_id, first=first, after=after)
    people: MemberConnection = (await member.ask(member.region.feed.feed.ListMembershipRequests, request)).people
    return people


async def join(member: Member, group_id: str, *, under: str = "") -> Group:
    request = pb.JoinGroupRequest(context=key(under), group_id=group_id)
    group: Group = (await member.ask(member.region.feed.feed.JoinGroup, request)).group
    return group


async def leave(member: Member, group_id: str) -> Group:
    request = pb.LeaveGroupRequest(group_id=group_id)
    group: Group = (await member.ask(member.region.feed.feed.LeaveGroup, request)).group
    return group


async def set_role(member: Member, group_id: str, person_id: str, role: GroupRole.ValueType) -> Group:
    request = pb.SetMemberRoleRequest(group_id=group_id, person_id=person_id, role=role)
    group: Group = (await member.ask(member.region.feed.feed.SetMemberRole, request)).group
    return group


async def get_group(member: Member, group_id: str) -> Group:
    group: Group = (await member.ask(member.region.feed.feed.GetGroup, pb.GetGroupRequest(group_id=group_id))).group
    return group


async def groups_page(member: Member, *, first: int = 0, after: str = "") -> GroupConnection:
    request = pb.ListGroupsRequest(first=first, after=after)
    groups: GroupConnection = (await member.ask(member.region.feed.feed.ListGroups, request)).groups
    return groups


async def group_posts(member: Member, group_id: str, *, first: int = 0, after: str = "") -> PostConnection:
    request = pb.ListGroupPostsRequest(group_id=group_id, first=first, after=after)
    posts: PostConnection = (await member.ask(member.region.feed.feed.ListGroupPosts, request)).posts
    return posts


async def hide(
    member: Member, content_id: str, *, reason: str = "", under: str = "", replica: Replica | None = None
) -> Moderation:
    request = pb.HideContentRequest(context=key(under), content_id=content_id, reason=reason)
    stub = (replica or member.region.feed).feed
    moderation: Moderation = (await member.ask(stub.HideContent, request)).moderation
    return moderation


async def restore(member: Member, content_id: str, *, under: str = "") -> Moderation:
    request = pb.RestoreContentRequest(context=key(under), content_id=content_id)
    moderation: Moderation = (await member.ask(member.region.feed.feed.RestoreContent, request)).moderation
    return moderation


def ids(page: PostConnection | CommentConnection | GroupConnection) -> list[str]:
    return [edge.node.id for edge in page.edges]


def counts(shown: Post | Comment) -> dict[str, int]:
    """Return how many reacted with what."""
    return {reaction.emoji: reaction.count for reaction in shown.reactions}


def mine(shown: Post | Comment) -> set[str]:
    """Return what the viewer reacted with."""
    reactions: list[ReactionCount] = list(shown.reactions)
    return {reaction.emoji for reaction in reactions if reaction.viewer_reacted}


def _kind(target: pb.Target) -> Post | Comment:
    return target.post if target.WhichOneof("kind") == "post" else target.comment
