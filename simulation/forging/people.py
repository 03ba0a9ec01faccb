"""Forgeries about other regions' people."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from simulation.forging.forgery import Forgery, Workshop

_READ_BY = ("profile", "feed")
_SHOWN_BY = (*_READ_BY, "recognition", "search")


def word_for_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    said: list[tuple[Message, tuple[str, ...]]] = [
        (PersonRegistered(person_id=theirs, handle="forged", name="Forged"), _SHOWN_BY),
        (ProfileEdited(person_id=theirs, name="Forged"), _SHOWN_BY),
        (PersonFollowed(person_id=theirs, followed_id=mine), _READ_BY),
        (PersonUnfollowed(person_id=theirs, followed_id=mine), _READ_BY),
    ]
    payload, refused_by = shop.chance.choice(said)
    data, subject = shop.sealed(payload, actor=mine), shop.subject(mine, service="profile")
    return Forgery("a word for another person", subject, data, refused_by)


FORGERIES = (word_for_another,)
