"""A rule that is wrong in one way, planted in a service that is otherwise the real one: a seed finds it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    AnswerUnaccepted,
    CommentAdded,
    ContentHidden,
    GroupCreated,
    MarkedHelpful,
    MemberBanned,
    MemberRemoved,
    MemberRoleSet,
    PostEdited,
    PostPublished,
)
from samverka.network.v1.network_events_pb2 import ErasureCarriedOut, RegionReported
from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded, BadgeDefined, RecognitionWithdrawn
from services.chassis import erasing
from services.chassis.awards import lets
from services.chassis.envelope import Fact
from services.chassis.projection import Handler
from services.chassis.store import Connection
from services.feed.commands import decide_moderation, publish_post
from services.feed.projections import feed_projection
from services.feed.projections.comments import apply_comment_added
from services.feed.projections.groups import apply_group_created
from services.feed.projections.helping import apply_marked_helpful
from services.feed.projections.hiding import hide_content
from services.feed.projections.posts import apply_post_published
from services.feed.projections.praise import apply_recognition_withdrawn
from services.feed.queries import list_group_posts
from services.feed.standing import find_standing
from services.network.policies import report_progress
from services.network.projections.reports import apply_region_reported
from services.recognition.commands import award_badge
from services.recognition.projections.badges import apply_badge_defined
from services.recognition.projections.gifts import apply_badge_awarded
from services.search.projections import search_projection
from simulation import network, scenario
from simulation.doings import DOINGS, recognition
from simulation.keeping import LogKeeper
from simulation.parts import Parts
from simulation.scenario import draw_scenario
from tests.simulation.planting import first_failure, with_handlers


def often(**weights: float) -> Sequence[float]:
    """Return how often each thing is done where people hardly do anything else."""
    return [weights.get(do.__name__, 0.2) for do, _ in DOINGS]


LETTING_IN = often(create=10, ask=15, let_in=40, send_away=25, unban=5, publish=10)
ASKING = often(ask=25, comment=25, accept=30, unaccept=15, mark_helpful=5)
AWARDING = often(define=10, award=40, withdraw=20)
LIES = 40
FAULTS, BADGES = 40, 20
"""So many that somewhere an award and its withdrawal overtake their badge."""


def count_no_early_comments(db: Connection, fact: Fact[PostPublished]) -> None:
    apply_post_published(db, fact)
    db.execute("update posts set comment_count = 0 where id = ?", (fact.payload.post_id,))


def let_the_last_arrival_win(db: Connection, fact: Fact[CommentAdded]) -> None:
    apply_comment_added(db, fact)
    db.execute("update posts set edited_at_ms = ? where id = ?", (fact.at_ms, fact.payload.post_id))


def let_anybody_edit(db: Connection, fact: Fact[PostEdited]) -> None:
    db.execute("update posts set body = ? where id = ? and not deleted", (fact.payload.body, fact.payload.post_id))


def count_no_early_members(db: Connection, fact: Fact[GroupCreated]) -> None:
    apply_group_created(db, fact)
    db.execute("update groups set member_count = 1 where id = ?", (fact.payload.group_id,))


def let_any_region_hide(db: Connection, fact: Fact[ContentHidden]) -> None:
    hidden = fact.payload
    row = (hidden.content_id, fact.local, hidden.group_id, True, hidden.request_id)
    db.execute("insert into moderation values (?, ?, ?, ?, ?) on conflict do update set hidden = 1", row)
    outcome = (hidden.group_id, fact.local, hidden.request_id, "")
    db.execute("insert into moderation_outcomes values (?, ?, ?, ?) on conflict do nothing", outcome)
    db.execute("update moderation_requests set decided = 1 where id = ?", (hidden.request_id,))
    hide_content(db, hidden.content_id, hidden.group_id, local=fact.local)


def let_anybody_give_roles(db: Connection, fact: Fact[MemberRoleSet]) -> None:
    given = fact.payload
    row = (given.group_id, fact.local, given.person_id, given.role)
    db.execute("insert into roles values (?, ?, ?, ?) on conflict do update set role = excluded.role", row)


def believe_any_receipt(db: Connection, fact: Fact[ErasureCarriedOut]) -> None:
    row = (fact.payload.erasure_id, fact.payload.region, fact.at_ms, fact.payload.purged_events)
    db.execute("insert into erasure_receipts values (?, ?, ?, ?) on conflict do nothing", row)


def believe_any_report(db: Connection, fact: Fact[RegionReported]) -> None:
    apply_region_reported(db, replace(fact, origin=fact.payload.region, owner=fact.payload.region))


@pytest.mark.parametrize(
    ("service", "kind", "handler", "found"),
    [
        ("feed", PostPublished, count_no_early_comments, "feed.posts of .* is not what was acknowledged"),
        ("feed", CommentAdded, let_the_last_arrival_win, "posts of .* and .* differ"),
        ("feed", PostEdited, let_anybody_edit, "feed.posts of .* is not what was acknowledged|refused . events, not"),
        ("feed", GroupCreated, count_no_early_members, "feed.groups of .* is not what was acknowledged"),
        ("feed", ContentHidden, let_any_region_hide, "is not what was acknowledged|refused . events, not"),
        ("feed", MemberRoleSet, let_anybody_give_roles, "feed.roles of .* is not what was|refused . events, not"),
        ("network", ErasureCarriedOut, believe_any_receipt, "network.erasure_receipts of|refused . events, not"),
        (
            "network",
            RegionReported,
            believe_any_report,
            "positions of .* (is not what|and)|refused . events, not",
        ),
    ],
)
def test_a_rule_that_depends_on_the_order_of_arrival_or_trusts_anybody_is_found(
    service: str, kind: type[Message], handler: Handler, found: str
) -> None:
    assert re.search(found, first_failure(with_handlers(service, {kind: handler})))


def forget_an_end(db: Connection, fact: Fact[MemberRemoved]) -> None:
    feed_projection().handlers[MemberRemoved](db, fact)
    let_in = "update memberships set active = 1 where group_id = ? and person = ? and join_id = ?"
    db.execute(let_in, (fact.payload.group_id, fact.payload.person_id, fact.payload.join_id))


def let_a_ban_hide_nothing(db: Connection, fact: Fact[MemberBanned]) -> None:
    search_projection().handlers[MemberBanned](db, fact)
    db.execute("update bans set stays_until = 1 << 60 where person = ?", (fact.payload.person_id,))


def keep_what_was_taken_back(db: Connection, fact: Fact[AnswerUnaccepted]) -> None:
    """Leave an answer accepted, whoever takes it back."""


def count_votes_for_ones_own(db: Connection, fact: Fact[MarkedHelpful]) -> None:
    apply_marked_helpful(db, fact)
    own = (fact.payload.target_id, fact.actor)
    db.execute("update posts set helpful_count = helpful_count + 1 where id = ? and author = ?", own)
    db.execute("update comments set helpful_count = helpful_count + 1 where id = ? and author = ?", own)


@pytest.mark.parametrize(
    ("kind", "handler", "found"),
    [
        (AnswerUnaccepted, keep_what_was_taken_back, "feed.questions of .* is not|refused .* events, not"),
        (MarkedHelpful, count_votes_for_ones_own, "feed.helped of .* is not what was"),
    ],
)
def test_an_acceptance_that_stays_or_a_vote_that_must_not_count_is_found(
    kind: type[Message], handler: Handler, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "draw_weights", lambda chance: ASKING)
    monkeypatch.setattr(network, "draw_scenario", lambda chance: replace(draw_scenario(chance), lies=LIES))

    assert re.search(found, first_failure(with_handlers("feed", {kind: handler})))


@pytest.mark.parametrize(
    ("service", "kind", "handler", "found"),
    [
        (
            "feed",
            MemberRemoved,
            forget_an_end,
            "feed.(memberships|groups) of .* is not what was|is not shown .* members of",
        ),
        ("search", MemberBanned, let_a_ban_hide_nothing, "search.bans of .* is not what was"),
    ],
)
def test_a_member_who_was_sent_away_and_is_not_gone_is_found(
    service: str, kind: type[Message], handler: Handler, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "draw_weights", lambda chance: LETTING_IN)

    assert re.search(found, first_failure(with_handlers(service, {kind: handler})))


def leave_what_was_withdrawn(db: Connection, fact: Fact[RecognitionWithdrawn]) -> None:
    posts = db.execute("select * from posts").fetchall()
    apply_recognition_withdrawn(db, fact)
    for post in posts:
        db.execute(f"insert into posts values ({', '.join('?' * len(post))}) on conflict do nothing", post)


def test_praise_that_stays_in_the_feed_when_it_is_withdrawn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "draw_weights", lambda chance: AWARDING)

    failure = first_failure(with_handlers("feed", {RecognitionWithdrawn: leave_what_was_withdrawn}))

    assert re.search("feed.posts of .* is not what was|is not shown what there is", failure)


def let_any_award_count(db: Connection, fact: Fact[BadgeAwarded]) -> None:
    apply_badge_awarded(db, fact)
    db.execute("update recognitions set counts = 1 where sequence = ?", (fact.sequence,))


def lose_early_withdrawals(db: Connection, fact: Fact[BadgeDefined]) -> None:
    apply_badge_defined(db, fact)
    counted = f"update recognitions set counts = {lets('recognitions')} where badge_id = ?"
    db.execute(counted, (fact.payload.badge_id,))


@pytest.mark.parametrize(
    ("kind", "handler"), [(BadgeAwarded, let_any_award_count), (BadgeDefined, lose_early_withdrawals)]
)
def test_an_award_that_counts_against_its_badge_or_after_its_end_is_found(
    kind: type[Message], handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "draw_weights", lambda chance: AWARDING)
    monkeypatch.setattr(network, "draw_scenario", lambda chance: replace(draw_scenario(chance), faults=FAULTS))
    monkeypatch.setattr(recognition, "BADGES_MAX", BADGES)

    failure = first_failure(with_handlers("recognition", {kind: handler}))

    assert re.search("recognition.recognitions of .* is not what was|is not shown .* recognitions", failure)


async def purge_nothing(keeper: LogKeeper, register: str) -> int:
    return 0


@pytest.mark.parametrize(
    ("place", "name", "planted", "found"),
    [
        (LogKeeper, "purge", purge_nothing, "still holds"),
        (erasing, "read_late", lambda db, *, after, most: [], "still holds"),
        (
            publish_post,
            "_reach_within_group",
            lambda *_: "pub",
            "local elsewhere|is not what was acknowledged|was refused|is not shown .* home feed",
        ),
        (decide_moderation, "moderates", lambda role: True, "decided otherwise than the register|come to rest"),
        (list_group_posts, "find_seen", find_standing, "is not shown what there is for them as posts of"),
        (award_badge, "require_allowance", lambda *_: None, "was acknowledged and does not count"),
        (
            report_progress,
            "is_report_due",
            lambda db, *, region, now_ms: False,
            "network.reports of|peer_positions of|does not come to rest",
        ),
    ],
)
def test_a_part_that_does_not_do_what_it_must_is_found(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, planted: Any, found: str
) -> None:
    monkeypatch.setattr(place, name, planted)

    assert re.search(found, first_failure(Parts()))
