"""Forgeries about other regions' people."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from simulation.forging.forgery import Forgery, Workshop


def word_for_another(shop: Workshop, mine: str, theirs: str) -> Forgery:
    payload: Message = shop.chance.choice(
        [
            PersonRegistered(person_id=theirs, handle="forged", name="Forged"),
            ProfileEdited(person_id=theirs, name="Forged"),
            PersonFollowed(person_id=theirs, followed_id=mine),
            PersonUnfollowed(person_id=theirs, followed_id=mine),
        ]
    )
    data, subject = shop.sealed(payload, actor=mine), shop.subject(mine, service="profile")
    return Forgery("a word for another person", subject, data, ("profile", "feed"))


FORGERIES = (word_for_another,)
