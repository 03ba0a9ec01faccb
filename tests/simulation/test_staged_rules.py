"""A rule that is wrong in one way, planted in a service that is otherwise the real one: a scene made for it finds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    AnswerAccepted,
    AnswerRuled,
    CommentAdded,
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    PostPublished,
)
from services.chassis.envelope import Fact
from services.chassis.erasing import Erase
from services.chassis.group_registers import require_moderator
from services.chassis.projection import Handler
from services.chassis.store import Connection
from services.feed.commands import decide_moderation
from services.feed.projections.answers import apply_answer_accepted, apply_answer_ruled
from services.feed.projections.comments import apply_comment_added
from services.feed.projections.erasing import erase_person
from services.feed.projections.posts import apply_post_published
from simulation.network import simulate
from simulation.parts import Parts, real_services
from simulation.stage import Scene
from tests.simulation import scenes
from tests.simulation.planting import with_handlers, with_projection

BELIEVED = r"(admissions|roles) of .* is not what was acknowledged|is not shown .* members of|refused . events, not"
Plant = Callable[[Handler], Handler]
SEEDS = range(3)
"""Any finds it: they differ in what is slow, not in what happens."""
SCENES: Mapping[str, Scene] = {name: scene for name, scene in vars(scenes).items() if isinstance(scene, Scene)}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_scene_passes_where_nothing_is_planted(scene: Scene) -> None:
    for seed in SEEDS:
        verdict = simulate(seed, scene=scene)
        assert not verdict.failure, "\n".join((*verdict.trace, f"seed {seed}"))


def assert_found(found: str, scene: Scene, parts: Parts) -> None:
    for seed in SEEDS:
        failure = simulate(seed, parts, scene=scene).failure
        assert re.search(found, failure), f"seed {seed}: {failure or 'it passed'}"


def lose_an_early_acceptance(db: Connection, fact: Fact[AnswerAccepted]) -> None:
    apply_answer_accepted(db, fact)
    lost = "update posts set chosen = '' where id = ? and chosen not in (select id from comments)"
    db.execute(lost, (fact.payload.post_id,))


def lose_an_early_ruling(db: Connection, fact: Fact[AnswerRuled]) -> None:
    apply_answer_ruled(db, fact)
    lost = "delete from answer_rulings where post_id = ? and post_id not in (select id from posts)"
    db.execute(lost, (fact.payload.post_id,))


def accept_no_answer_that_comes_late(db: Connection, fact: Fact[CommentAdded]) -> None:
    apply_comment_added(db, fact)
    db.execute("update posts set accepted = '' where id = ?", (fact.payload.post_id,))


def let_no_ruling_hold_that_came_early(db: Connection, fact: Fact[PostPublished]) -> None:
    apply_post_published(db, fact)
    db.execute("delete from answer_rulings where post_id = ?", (fact.payload.post_id,))


@pytest.mark.parametrize(
    ("scene", "kind", "handler"),
    [
        (scenes.ACCEPTANCE_BEFORE_ANSWER, AnswerAccepted, lose_an_early_acceptance),
        (scenes.ACCEPTANCE_BEFORE_ANSWER, CommentAdded, accept_no_answer_that_comes_late),
        (scenes.RULING_BEFORE_QUESTION, AnswerRuled, lose_an_early_ruling),
        (scenes.RULING_BEFORE_QUESTION, PostPublished, let_no_ruling_hold_that_came_early),
        (scenes.RULING_BEFORE_QUESTION, CommentAdded, accept_no_answer_that_comes_late),
    ],
)
def test_an_acceptance_that_is_lost_when_it_comes_before_its_answer_is_found(
    scene: Scene, kind: type[Message], handler: Handler
) -> None:
    found = "(questions|answer_rulings) of .* is not what was acknowledged|is not shown .* as questions"

    assert_found(found, scene, with_handlers("feed", {kind: handler}))


def lose_an_early_hide(db: Connection, fact: Fact[PostPublished]) -> None:
    apply_post_published(db, fact)
    db.execute("update posts set hidden = 0 where id = ?", (fact.payload.post_id,))


def test_a_hide_that_is_lost_when_it_comes_before_its_post_is_found() -> None:
    found = "feed.posts of .* is not what was acknowledged|is not shown what there is"

    assert_found(found, scenes.HIDE_BEFORE_POST, with_handlers("feed", {PostPublished: lose_an_early_hide}))


def whoever_decides(handler: Handler) -> Handler:
    """Return what applies a decision whoever made it, about whomever: as a stranger's who owns the group."""

    def apply(db: Connection, fact: Fact[Any]) -> None:
        group_id, stranger = fact.payload.group_id, "stranger"
        owners = db.execute("select owner from groups where id = ?", (group_id,)).fetchall()
        db.execute("update groups set owner = ? where id = ?", (stranger, group_id))
        try:
            handler(db, replace(fact, actor=stranger))
        finally:
            db.executemany("update groups set owner = ? where id = ?", [(owner, group_id) for (owner,) in owners])

    return apply


def any_moderator_decides(handler: Handler) -> Handler:
    """Return what applies a moderator's decision, whomever it is about."""

    def apply(db: Connection, fact: Fact[Any]) -> None:
        require_moderator(db, fact)
        whoever_decides(handler)(db, fact)

    return apply


def with_decisions(parts: Parts, services: Sequence[str], plant: Plant, *kinds: type[Message]) -> Parts:
    """Return a network where some services judge decisions of those kinds otherwise."""
    for service in services:
        real = real_services()[service].projection().handlers
        planted = with_handlers(service, {kind: plant(real[kind]) for kind in kinds})
        parts = Parts(services={**parts.services, service: planted.services[service]})
    return parts


@pytest.mark.parametrize("service", ["feed", "search"])
def test_an_approval_by_anybody_is_found(service: str) -> None:
    planted = with_decisions(Parts(), [service], whoever_decides, MembershipApproved)

    assert_found(BELIEVED, scenes.LET_IN_BY_NOBODY, planted)


@pytest.mark.parametrize("service", ["feed", "search"])
@pytest.mark.parametrize("scene", [scenes.MODERATOR_SENT_AWAY, scenes.OWNER_SENT_AWAY])
def test_somebody_sent_away_by_who_may_not_is_found(scene: Scene, service: str) -> None:
    planted = with_decisions(Parts(), [service], any_moderator_decides, MemberRemoved, MemberBanned)

    assert_found(BELIEVED, scene, planted)


def test_a_moderator_who_is_let_send_away_another_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide_moderation, "refusal_to_send_away", lambda *_: "")
    believing = with_decisions(Parts(), ["feed", "search"], any_moderator_decides, MemberRemoved, MemberBanned)

    assert_found("does not come to rest", scenes.MODERATOR_ASKED_AWAY, Parts())  # what is decided, nobody believes
    assert_found("decided otherwise than the register", scenes.MODERATOR_ASKED_AWAY, believing)


def erase_the_row_alone(db: Connection, person: str) -> None:
    db.execute("delete from follows where follower = ?", (person,))
    db.execute("delete from people where id = ?", (person,))


def leave_a_member(db: Connection, person: str) -> None:
    members = db.execute("select * from memberships where person = ?", (person,)).fetchall()
    erase_person(db, person)
    for member in members:
        db.execute(f"insert into memberships values ({', '.join('?' * len(member))})", member)


@pytest.mark.parametrize(
    ("service", "erase", "found"),
    [
        ("profile", erase_the_row_alone, "profile.people of"),
        ("feed", leave_a_member, "memberships.person of|is not shown .* members of"),
    ],
)
def test_an_erasure_that_leaves_something_is_found(service: str, erase: Erase, found: str) -> None:
    planted = replace(real_services()[service].projection(), erase=erase)

    assert_found(found, scenes.ERASED_MEMBER, with_projection(service, planted))
