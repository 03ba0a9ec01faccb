"""Forgeries that are told by their subject, their envelope and their stream, whatever they say."""

from __future__ import annotations

from samverka.feed.v1.feed_events_pb2 import PostDeleted, PostEdited, PostPublished, Reacted
from services.chassis.ids import region_of
from services.chassis.limits import EVENT_BYTES_MAX
from simulation.forging.forgery import Forgery, Workshop
from simulation.reference.texts import Text

_FAR_FUTURE_MS = 250_000_000_000_000
_YEAR_10000_MS = 260_000_000_000_000


def in_anothers_name(shop: Workshop, mine: str, theirs: str) -> Forgery:
    origin = region_of(theirs)
    edit = PostEdited(post_id=shop.post_of(theirs), body="forged")
    at_ms = shop.chance.choice((-1, _FAR_FUTURE_MS))
    data = shop.sealed(edit, actor=theirs, origin=origin, occurred_at_ms=at_ms)
    return Forgery("all of another origin", shop.subject(theirs, origin=origin), data)


def envelope_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(PostDeleted(post_id=shop.post_of(theirs)), actor=theirs, origin=region_of(theirs))
    return Forgery("another origin's envelope", shop.subject(mine), data)


def subject_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(Reacted(target_id=shop.post_of(theirs), emoji="👎"), actor=mine)
    return Forgery("another origin's subject", shop.subject(theirs, origin=region_of(theirs)), data)


def actor_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(PostEdited(post_id=shop.post_of(theirs), body="forged"), actor=theirs)
    return Forgery("another region's actor", shop.subject(mine), data)


def owner_of_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return Forgery("another region's owner", shop.subject(theirs), shop.sealed(shop.post(), actor=mine))


def local_elsewhere(shop: Workshop, mine: str, theirs: str) -> Forgery:
    """Let something local out: at home it is what it says, everywhere else nobody may believe it."""
    post = shop.post()
    shop.reference.posts[post.post_id] = Text(post.post_id, mine, post.body, local=True)
    data = shop.sealed(post, actor=mine)
    return Forgery("a local post let out", shop.subject(mine, reach="local"), data, allowed_in=shop.region.name)


def malformed(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return Forgery("bytes that are no event", shop.subject(mine), b"\xff" + shop.chance.randbytes(40))


def oversized(shop: Workshop, mine: str, theirs: str) -> Forgery:
    post = PostPublished(post_id=shop.new_id(), body="x" * EVENT_BYTES_MAX)
    return Forgery("an oversized event", shop.subject(mine), shop.sealed(post, actor=mine))


def after_all_time(shop: Workshop, mine: str, theirs: str) -> Forgery:
    data = shop.sealed(shop.post(), actor=mine, occurred_at_ms=_YEAR_10000_MS)
    return Forgery("a time that no calendar has", shop.subject(mine), data)


def backdated(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return _post_of_their_own(shop, mine, "a backdated post", occurred_at_ms=1)


def far_future(shop: Workshop, mine: str, theirs: str) -> Forgery:
    return _post_of_their_own(shop, mine, "a post of the far future", occurred_at_ms=_FAR_FUTURE_MS)


def _post_of_their_own(shop: Workshop, mine: str, kind: str, *, occurred_at_ms: int) -> Forgery:
    """Nobody refuses it: a region may say of its own people what it wants, and times decide nothing."""
    post = shop.post()
    shop.reference.posts[post.post_id] = Text(post.post_id, mine, post.body)
    return Forgery(kind, shop.subject(mine), shop.sealed(post, actor=mine, occurred_at_ms=occurred_at_ms), ())


FORGERIES = (
    in_anothers_name,
    envelope_of_another,
    subject_of_another,
    actor_of_another,
    owner_of_another,
    local_elsewhere,
    malformed,
    oversized,
    after_all_time,
    backdated,
    far_future,
)
