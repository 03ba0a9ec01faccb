"""Forgeries about who is in a group: people whom nobody let in, and decisions that nobody may make."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    CommentAdded,
    MemberBanned,
    MemberJoined,
    MemberRemoved,
    MembershipApproved,
    MembershipRequested,
    PostPublished,
)
from services.chassis.ids import derive, region_of
from simulation.forging.forgery import Forgery, Workshop
from simulation.reference.groups import Group
from simulation.reference.texts import Text

_BY = ("feed", "search")
_BEYOND_ALL_SEQUENCES = 2**63


def ghost_in_a_private_group(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Let somebody whom nobody has ever seen say that they are in a private group, and write there.

    Nobody refuses it, for it is their own word; and unless the group lets them in, nobody is shown anything of it.
    """
    groups = [group for group in shop.reference.groups.by_id.values() if group.private and not group.local]
    if not groups:
        return approval_by_nobody(shop, mine, theirs)
    group = shop.chance.choice(groups)
    ghost = derive(shop.region.name, "ghost of", group.id)
    if (group.id, ghost) not in shop.reference.groups.memberships:
        return _join(shop, group, ghost)
    posts = [post.id for post in shop.reference.posts.values() if post.group_id == group.id]
    if posts and shop.chance.random() < 0.5:
        return _comment(shop, shop.chance.choice(posts), ghost)
    return _post(shop, group, ghost)


def approval_by_nobody(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Let somebody into a group of one's own as one who never moderated it."""
    group_id, actor = shop.group_of(mine), derive(region_of(theirs), "nobody")
    join_id = shop.reference.groups.memberships.get((group_id, theirs), shop.new_id())
    approval = MembershipApproved(group_id=group_id, person_id=theirs, join_id=join_id, request_id=shop.new_id())
    data = shop.sealed(approval, actor=actor)
    return Forgery("an approval of somebody who may not", shop.subject(group_id), data, _BY)


def owner_sent_away(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Send away the owner of a group of one's own, as the owner."""
    group_id = shop.group_of(mine)
    group = shop.reference.groups.by_id.get(group_id)
    owner = group.owner if group else mine
    kind = shop.chance.choice((MemberRemoved, MemberBanned))
    sent = kind(group_id=group_id, person_id=owner, join_id=shop.new_id(), request_id=shop.new_id())
    return Forgery("the owner sent away", shop.subject(group_id), shop.sealed(sent, actor=owner), _BY)


def moderator_sent_away(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Send a moderator of a group of one's own away as one who is no more than that: as themselves.

    It is refused whatever role they have by then.
    """
    group_id, given = shop.group_of(mine), shop.reference.groups.given
    moderators = [who for (group, who), role in given.items() if (group, role) == (group_id, GROUP_ROLE_MODERATOR)]
    person = shop.chance.choice(moderators or [theirs])
    kind = shop.chance.choice((MemberRemoved, MemberBanned))
    sent = kind(group_id=group_id, person_id=person, join_id=shop.new_id(), request_id=shop.new_id())
    return Forgery("a moderator sent away", shop.subject(group_id), shop.sealed(sent, actor=person), _BY)


def ban_beyond_all_sequences(shop: Workshop, mine: str, theirs: str) -> Forgery:
    group_id = shop.group_of(mine)
    group = shop.reference.groups.by_id.get(group_id)
    ban = MemberBanned(group_id=group_id, person_id=theirs, request_id=shop.new_id(), stays_until=_BEYOND_ALL_SEQUENCES)
    data = shop.sealed(ban, actor=group.owner if group else mine)
    return Forgery("a ban beyond all sequences", shop.subject(group_id), data, _BY)


def _join(shop: Workshop, group: Group, ghost: str) -> Forgery:
    said = shop.chance.choice((MemberJoined, MembershipRequested))(group_id=group.id)
    shop.reference.groups.memberships[group.id, ghost] = shop.event_id()
    return Forgery("a join that nobody asked for", shop.subject(ghost), shop.sealed(said, actor=ghost), ())


def _post(shop: Workshop, group: Group, ghost: str) -> Forgery:
    post = PostPublished(post_id=shop.new_id(), body=f"forged {shop.number}", group_id=group.id)
    shop.reference.posts[post.post_id] = Text(post.post_id, ghost, post.body, group_id=group.id)
    return Forgery("a post of somebody not let in", shop.subject(ghost), shop.sealed(post, actor=ghost), ())


def _comment(shop: Workshop, post_id: str, ghost: str) -> Forgery:
    comment = CommentAdded(comment_id=shop.new_id(), post_id=post_id, body=f"forged {shop.number}")
    shop.reference.comments[comment.comment_id] = Text(comment.comment_id, ghost, comment.body, post_id=post_id)
    return Forgery("a comment of somebody not let in", shop.subject(ghost), shop.sealed(comment, actor=ghost), ())


FORGERIES = (
    ghost_in_a_private_group,
    ghost_in_a_private_group,
    approval_by_nobody,
    owner_sent_away,
    moderator_sent_away,
    ban_beyond_all_sequences,
)
