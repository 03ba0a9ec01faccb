"""Who asks, what they may find, and whom and which groups the filters of their query mean."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from samverka.search.v1.search_views_pb2 import (
    HIT_KIND_ANSWER,
    HIT_KIND_COMMENT,
    HIT_KIND_GROUP,
    HIT_KIND_PERSON,
    HIT_KIND_POST,
    HIT_KIND_PRAISE,
    HIT_KIND_QUESTION,
)
from services.chassis.ids import region_of
from services.chassis.store import Connection
from services.search.domain.query import Kind, Terms
from services.search.domain.sides import EVERYBODY
from services.search.domain.words import alike

_ME = "me"
_FOUND_AS = {
    Kind.POST: (HIT_KIND_POST, HIT_KIND_QUESTION, HIT_KIND_PRAISE),
    Kind.QUESTION: (HIT_KIND_QUESTION,),
    Kind.PRAISE: (HIT_KIND_PRAISE,),
    Kind.COMMENT: (HIT_KIND_COMMENT, HIT_KIND_ANSWER),
    Kind.ANSWER: (HIT_KIND_ANSWER,),
    Kind.PERSON: (HIT_KIND_PERSON,),
    Kind.GROUP: (HIT_KIND_GROUP,),
}
"""A question and praise are posts too, and an answer a comment."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, and where: a handle without a region is of that one."""

    id: str
    region: str


def audiences_of(db: Connection, viewer: Viewer) -> list[str]:
    """Return the audiences, as the index knows them, of which the viewer is one."""
    inside = db.execute(
        "select distinct 'group:' || group_id || ':' || local from members where person = ? and private = 1",
        (viewer.id,),
    )
    return [EVERYBODY, *(str(audience) for (audience,) in inside)]


def resolve(db: Connection, terms: Terms, viewer: Viewer) -> list[tuple[str, list[str]]]:
    """Return the fields of the index that the filters in ``terms`` are about, with what they name there."""
    found = []
    if terms.people:
        found.append(("author", [person for name in terms.people for person in _people(db, name, viewer)]))
    if terms.groups:
        found.append(("group", [group for name in terms.groups for group in _groups(db, name, viewer)]))
    if terms.kinds:
        found.append(("kind", [str(hit) for kind in terms.kinds for hit in _FOUND_AS[kind]]))
    return found


def _people(db: Connection, name: str, viewer: Viewer) -> list[str]:
    if region_of(name):
        return [name]
    if name == _ME:
        return [viewer.id]
    handle, _, region = name.partition("@")
    called = db.execute(
        "select id from documents where called = ? and called != '' and kind = ?", (handle, HIT_KIND_PERSON)
    )
    return [str(person) for (person,) in called if region_of(str(person)) == (region or viewer.region)]


def _groups(db: Connection, name: str, viewer: Viewer) -> list[str]:
    """Return the groups of that name or id, of those that the viewer may find: a name must not tell of another.

    Names of no words, such as an emoji, sound alike and are not.
    """
    called = db.execute(
        """
        select f.id from documents d join findable f on f.sequence = d.sequence
        where d.called = ? and (d.called != '' or d.title = ?) and d.kind = ?
            and f.audience in (select value from json_each(?))
        """,
        (alike(name), name, HIT_KIND_GROUP, orjson.dumps(audiences_of(db, viewer)).decode()),
    )
    return [name] if region_of(name) else [str(group) for (group,) in called]
