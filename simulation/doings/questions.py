"""Questions: asking, answering, saying what has helped, and which answer is accepted."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import AnswerAccepted, AnswerUnaccepted, ModerationRequested
from services.chassis.envelope import payload_name
from simulation.calling import Client
from simulation.doings.posts import publish_as
from simulation.doings.requests import keep_request
from simulation.reference.texts import Text

_OF_OWN = 0.5
_Request = feed.AcceptAnswerRequest | feed.UnacceptAnswerRequest
_Answer = feed.AcceptAnswerResponse | feed.UnacceptAnswerResponse


async def ask(me: Client) -> str:
    return await publish_as(me, question=True)


async def mark_helpful(me: Client) -> str:
    """Vote for something of another's."""
    target = me.some([text for text in _texts(me) if text.author != me.id])
    if target is None:
        return ""
    await me.may("feed", "MarkHelpful", feed.MarkHelpfulRequest(target_id=target.id))
    me.reference.votes[target.id, target.local, me.id] = None
    return f"was helped by {target.id}"


async def unmark_helpful(me: Client) -> str:
    authors = {text.id: text.author for text in _texts(me)}
    mine = [vote for vote in me.reference.votes if vote[2] == me.id and authors.get(vote[0]) != me.id]
    vote = me.some(mine)
    if vote is None:
        return ""
    await me.may("feed", "UnmarkHelpful", feed.UnmarkHelpfulRequest(target_id=vote[0]))
    del me.reference.votes[vote]
    return f"was not helped by {vote[0]}"


async def vote_for_oneself(me: Client) -> str:
    """Try what nobody may."""
    own = me.some([text for text in _texts(me) if text.author == me.id])
    if own is not None:
        await me.must_not("feed", "MarkHelpful", feed.MarkHelpfulRequest(target_id=own.id))
    return ""


async def accept(me: Client) -> str:
    """Say which answer is accepted, of one's own question, or of another's with or without a right to it."""
    posts = me.reference.posts
    answers = [text for text in me.reference.comments.values() if text.answer and not text.deleted]
    own = [answer for answer in answers if posts[answer.post_id].author == me.id]
    answer = me.some(own) if me.chance.random() < _OF_OWN else me.some(answers)
    if answer is None:
        return ""
    request = feed.AcceptAnswerRequest(comment_id=answer.id)
    await _keep(me, posts[answer.post_id], request, await me.may("feed", "AcceptAnswer", request))
    return f"accepted {answer.id} below {answer.post_id}"


async def unaccept(me: Client) -> str:
    questions = [post for post in me.reference.posts.values() if post.title and not post.deleted]
    question = me.some(questions)
    if question is None:
        return ""
    request = feed.UnacceptAnswerRequest(post_id=question.id)
    await _keep(me, question, request, await me.may("feed", "UnacceptAnswer", request))
    return f"accepted no answer to {question.id}"


async def _keep(me: Client, question: Text, request: _Request, answer: _Answer | None) -> None:
    """Keep what came of it: the word of who asked, or a request to the group's home."""
    event = await me.event_of(request)
    if event is None:
        return
    if payload_name(event) == ModerationRequested.DESCRIPTOR.full_name:
        moderation = answer.moderation if answer and answer.HasField("moderation") else None
        await keep_request(me, request, moderation, local=question.local)
    elif payload_name(event) == AnswerAccepted.DESCRIPTOR.full_name:
        question.chosen = AnswerAccepted.FromString(event.payload.value).comment_id
    elif payload_name(event) == AnswerUnaccepted.DESCRIPTOR.full_name:
        question.chosen = ""


def _texts(me: Client) -> list[Text]:
    return [*me.reference.posts.values(), *me.reference.comments.values()]


DOINGS = ((ask, 4), (mark_helpful, 4), (unmark_helpful, 1), (vote_for_oneself, 1), (accept, 5), (unaccept, 1))
