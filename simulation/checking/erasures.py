"""Nothing of an erased person is in any file: but for the order itself, and for what others said of them."""

from __future__ import annotations

from simulation.calling import personal
from simulation.checking.comparing import read_tables
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

_OTHERS_WORDS = {
    ("admissions", "person"),
    ("bans", "person"),
    ("erased", "person"),
    ("erasures", "person"),
    ("groups", "owner"),
    ("documents", "author"),
    ("moderation_requests", "about_person"),
    ("roles", "person"),
    ("follows", "followed"),
    ("home_sources", "author"),
    ("received", "person"),
    ("receivers", "person"),
    ("praised", "person"),
}
"""The order; what belongs to a group that they had to do with; and that others follow them or
recognised them, which is those others' own.

Which documents have an author who is erased, the reference says: groups that they founded, and nothing else."""


def check_nothing_is_left(region: Region, replica: Replica, reference: Reference) -> None:
    words = {personal(reference.people[person].subject) for person in reference.erased}
    if not words:
        return
    for name, table in replica.store.read_now(read_tables).items():
        for row in table.public | table.local:
            for column, value in zip(table.columns, row, strict=True):
                is_theirs = value in reference.erased and (name, column) not in _OTHERS_WORDS
                if is_theirs or (isinstance(value, str) and any(word in value for word in words)):
                    raise Violation(f"{name}.{column} of {region.name} has {value!r} of somebody who is erased")
