"""The log of a region in which everything to be found was written: documents as questions, a community as it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from google.protobuf.message import Message

from bench.evaluate.community import Answer, Community, Person, Question, Vote
from bench.evaluate.judged import Item
from bench.workload import BEGIN_MS, REGION, Sealed
from samverka.feed.v1 import feed_events_pb2 as feed
from samverka.profile.v1 import profile_events_pb2 as profile
from services.chassis.clock import hybrid
from services.chassis.envelope import seal
from services.chassis.eventlog.subjects import Subject
from services.chassis.ids import derive

_LIBRARIAN = derive(REGION, "person", "librarian")
Happening: TypeAlias = Person | Question | Answer | Vote


def id_of(kind: str, key: str) -> str:
    """Return the id under which something of the data is found."""
    return derive(REGION, "evaluated", kind, key)


def of_documents(documents: Iterable[Item]) -> Iterator[Sealed]:
    """Yield each document as a question: what has a title and a text."""
    for document in documents:
        post_id = id_of("document", document.id)
        asked = feed.PostPublished(
            post_id=post_id, title=document.title, body=document.text, kind=feed.POST_KIND_QUESTION
        )
        yield _sealed(post_id, _LIBRARIAN, asked, BEGIN_MS)


def of_community(community: Community, *, until_ms: int) -> Iterator[Sealed]:
    """Yield all that happened before a time, in the order in which it did."""
    asked_by = {question.id: question.author for question in community.questions}
    question_of = {answer.id: answer.question for answer in community.answers}
    happenings: list[Happening] = [
        *community.people,
        *community.questions,
        *community.answers,
        *(vote for vote in community.votes if not vote.accepted or vote.post in question_of),
    ]
    for happening in sorted(happenings, key=lambda each: each.at_ms):
        if happening.at_ms < until_ms:
            yield _event(happening, asked_by, question_of)


def person_of(author: str) -> str:
    """Return the id of a person of a community."""
    return id_of("person", author)


def _event(happening: Happening, asked_by: Mapping[str, str], question_of: Mapping[str, str]) -> Sealed:
    match happening:
        case Person(key, name, about, at_ms):
            person = person_of(key)
            registered = profile.PersonRegistered(person_id=person, handle=f"p{key}", name=name, about=about)
            return _sealed(f"person-{key}", person, registered, at_ms, service="directory")
        case Question(key, author, title, body, at_ms):
            asked = feed.PostPublished(post_id=id_of("post", key), title=title, body=body, kind=feed.POST_KIND_QUESTION)
            return _sealed(f"post-{key}", person_of(author), asked, at_ms)
        case Answer(key, question, author, body, at_ms):
            answered = feed.CommentAdded(
                comment_id=id_of("post", key), post_id=id_of("post", question), body=body, answer=True
            )
            return _sealed(f"post-{key}", person_of(author), answered, at_ms)
        case Vote(key, post, True, at_ms):
            question = question_of[post]
            accepted = feed.AnswerAccepted(post_id=id_of("post", question), comment_id=id_of("post", post))
            return _sealed(f"vote-{key}", person_of(asked_by[question]), accepted, at_ms)
        case Vote(key, post, _, at_ms):
            # Who voted is not in the dump: each vote is somebody else's.
            return _sealed(f"vote-{key}", id_of("voter", key), feed.MarkedHelpful(target_id=id_of("post", post)), at_ms)


def _sealed(key: str, actor: str, payload: Message, at_ms: int, *, service: str = "feed") -> Sealed:
    event_id = id_of("event", key)
    data = seal(payload, event_id=event_id, origin=REGION, actor=actor, occurred_at=hybrid(at_ms))
    return Sealed(event_id, str(Subject(REGION, "pub", service, actor)), data)
