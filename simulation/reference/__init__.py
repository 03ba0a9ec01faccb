"""The reference: what the network must hold, kept in plain dictionaries from the answers that people got.

It shares no code with the services. A person does one thing after the other, so each register's last acknowledged value
is known; counters are counted from the registers. What a group's home decides is known from the order in the home's log
(``decided``), and so is which award of its giver's month one is (``recognition``). A service that is new has a file here:
what it must hold, as ``rows`` of its tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from simulation.reference import network, people, search, texts
from simulation.reference.groups import Groups
from simulation.reference.people import Person
from simulation.reference.recognition import Recognition
from simulation.reference.tables import Tables
from simulation.reference.texts import Text


@dataclass(slots=True)
class Reference:
    people: dict[str, Person] = field(default_factory=dict)
    follows: dict[tuple[str, str], None] = field(default_factory=dict)
    posts: dict[str, Text] = field(default_factory=dict)
    comments: dict[str, Text] = field(default_factory=dict)
    reactions: dict[tuple[str, bool, str, str], None] = field(default_factory=dict)
    """Target, whether it is local, person, emoji."""
    votes: dict[tuple[str, bool, str], None] = field(default_factory=dict)
    """Target, whether it is local, and whom it has helped, as they say."""
    groups: Groups = field(default_factory=Groups)
    recognition: Recognition = field(default_factory=Recognition)
    erased: dict[str, None] = field(default_factory=dict)

    def texts_of(self, author: str) -> list[Text]:
        """Return what a person wrote and did not delete."""
        written = [*self.posts.values(), *self.comments.values()]
        return [text for text in written if text.author == author and not text.deleted]

    def local_ids(self) -> Mapping[str, str]:
        """Return what is local, and the region whose it is."""
        local = [
            *(text.id for text in (*self.posts.values(), *self.comments.values()) if text.local),
            *(group.id for group in self.groups.by_id.values() if group.local),
            *(request.id for request in self.groups.requests.values() if request.local),
        ]
        return {thing: thing.rpartition("_")[0] for thing in local}

    def tables(self, region: str, *, regions: Collection[str], services: Collection[str]) -> Tables:
        """Return what each table of a service's file in ``region`` must hold."""
        erased = self.erased.keys()
        posts = {**self.posts, **self.recognition.praise(erased)}
        return {
            **people.tables(self.people, self.follows, erased),
            **self.recognition.tables(erased),
            **texts.tables(posts, self.comments, self.reactions, self.votes, self.groups, erased, region),
            **self.groups.tables(erased, region),
            **search.tables(self.people, posts, self.comments, self.groups, erased, region),
            **network.tables(erased, regions, services),
        }
