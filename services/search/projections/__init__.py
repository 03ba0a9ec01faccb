"""The search service's tables: all that can be found, and by whom."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import Final

from services.chassis.group_registers import REGISTERS_OF_PEOPLE, tables_of_people
from services.chassis.group_rules import hides, lets_in
from services.chassis.origins import Register
from services.chassis.projection import Projection
from services.search.projections import answers, erasing, gifts, groups, helping, moderation, people, posts

VERSION = 3
_PUBLIC = "local = 0"
REGISTERS = (
    Register(
        "documents",
        owner="author",
        key="kind, id",
        values="group_id, post_id, question, answer, called, title, body, created_at_ms, deleted",
        where=f"{_PUBLIC} and praise = 0",  # that follows from gifts and badges
    ),
    Register("people", owner="id", key="id", values="time_zone, working_hours"),
    Register("helpful", owner="person", key="person, target_id", values="at_ms", where=_PUBLIC),
    Register("acceptances", owner="person", key="post_id", values="comment_id, at_ms", where=_PUBLIC),
    Register("groups", owner="id", key="id", values="owner, private", where=_PUBLIC),
    Register("memberships", owner="person", key="person, group_id", values="join_id", where=_PUBLIC),
    *REGISTERS_OF_PEOPLE,
    Register("decisions", owner="group_id", key="group_id, request_id", where=_PUBLIC),
    Register("answer_rulings", owner="group_id", key="group_id, post_id", values="comment_id, at_ms", where=_PUBLIC),
    Register("badges", owner="id", key="id", values="name, criteria, kind, value, monthly_limit, awarders"),
    Register(
        "gifts",
        owner="giver",
        key="id",
        values="receivers, badge_id, message, value, private, given_at_ms, nth, withdrawn",
    ),
    Register("moderation", owner="group_id", key="group_id, content_id", values="hidden", where=_PUBLIC),
)


_FOR_THE_INDEX: Final = {"documents": ("changed",), "removals": ("sequence", "changed")}
"""What tells the index where to look again: one that is made anew looks everywhere, and needs not hear what has gone."""


def search_projection() -> Projection:
    """Return the projection of the search service."""
    schema = Template(tables_of_people() + (files("services.search") / "schema.sql").read_text())
    rules = {"hides": hides("p.inside", "p"), "lets_in": lets_in("g", "m")}
    parts = (people, posts, helping, answers, gifts, groups, moderation, erasing)
    handlers = {kind: handler for part in parts for kind, handler in part.HANDLERS.items()}
    return Projection("search", VERSION, schema.substitute(rules), handlers, REGISTERS, undigested=_FOR_THE_INDEX)
