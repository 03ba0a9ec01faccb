"""Who writes a record: a member of the community, or a person made for an owner who left or for a voter."""

from __future__ import annotations

from dataclasses import dataclass

from ops.importing.balance import Balance
from ops.importing.client import Client
from ops.importing.scratch import Scratch
from ops.importing.stackexchange.mapping import Owner, Person, former_member, voter

FORMER_MEMBERS, VOTERS = "former_members", "voters"


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody by their key in the community; ``made`` and ``made_for`` say who to make if they stand in no row."""

    key: str
    made: Person | None = None
    made_for: str = ""


class People:
    """The people of one community, as far as this run has met them."""

    def __init__(self, *, source: str, client: Client, scratch: Scratch, balance: Balance) -> None:
        self._source = source
        self._client = client
        self._scratch = scratch
        self._balance = balance

    async def add(self, person: Person) -> str:
        """Make ``person`` known in the region and return their id."""
        person_id = await self._client.import_person(
            key=f"{self._source}:person:{person.key}",
            source=self._source,
            source_key=person.key,
            handle=person.handle,
            name=person.name,
            about=person.about,
        )
        self._scratch.put_person(person.key, person_id)
        return person_id

    def author_of(self, owner: Owner) -> Author:
        """Return the member who wrote it, or the one who stands for an owner that is not there."""
        if owner.user_id and self._scratch.person(owner.user_id):
            return Author(key=owner.user_id)
        person = former_member(owner.name)
        return Author(key=person.key, made=person, made_for=FORMER_MEMBERS)

    def voter(self, ordinal: int) -> Author:
        """Return who casts the ``ordinal``-th vote on a target."""
        person = voter(ordinal)
        return Author(key=person.key, made=person, made_for=VOTERS)

    async def id_of(self, author: Author) -> str:
        """Return the author's id; somebody made for the import is made at first need, in the author's own lane."""
        return self._scratch.person(author.key) or await self._make(author)

    async def _make(self, author: Author) -> str:
        if author.made is None:
            raise LookupError(f"{author.key} was a member a moment ago")
        person_id = await self.add(author.made)
        self._balance.made[author.made_for] += 1
        self._client.settle()  # the feed has to know them before they write
        return person_id
