"""Members in the contract with frontends: what each field is answered with, and by how many calls."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.feed.v1.feed_service_pb2 import RequestMembershipResponse
from services.chassis.errors import Conflict, Forbidden
from tests.gateway.fakes.content import GROUP_ID, group
from tests.gateway.fakes.node import Node
from tests.gateway.fakes.profile import person_id

ABOUT_ANN = {"contentId": None, "personId": "p", "state": "PENDING", "declinedReason": None}
ASKED = "moderation { contentId personId state declinedReason }"
MUTATIONS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("requestMembership", {"groupId": "g"}, "state group { id }", {"state": "PENDING", "group": None}),
    ("approveMembership", {"groupId": "g", "personId": "p"}, ASKED, {"moderation": ABOUT_ANN}),
    ("removeMember", {"groupId": "g", "personId": "p", "reason": "spam"}, ASKED, {"moderation": ABOUT_ANN}),
    ("banMember", {"groupId": "g", "personId": "p", "reason": "spam"}, ASKED, {"moderation": ABOUT_ANN}),
    ("unbanMember", {"groupId": "g", "personId": "p"}, ASKED, {"moderation": ABOUT_ANN}),
]


def _mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code field }} }} }}"


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_returns_what_has_become_of_it_and_sends_what_was_asked(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    body = await node.ask(_mutation(name, selection), {"input": {**given, "idempotencyKey": "k1"}})
    assert body == {"data": {name: {**changed, "errors": []}}}
    [command] = node.feed.calls
    request = command.request
    assert (request.context.idempotency_key, request.group_id) == ("k1", "g")
    for field, value in (("person_id", given.get("personId")), ("reason", given.get("reason"))):
        assert value is None or getattr(request, field) == value


@pytest.mark.parametrize(("name", "given", "selection", "changed"), MUTATIONS)
async def test_a_mutation_that_is_refused_says_why_in_its_payload(
    node: Node, name: str, given: dict[str, Any], selection: str, changed: Any
) -> None:
    node.feed.errors[name[0].upper() + name[1:]] = Conflict("Too late.", code="moved", field="person_id")
    body = await node.ask(_mutation(name, selection), {"input": given})
    assert body == {"data": {name: {**dict.fromkeys(changed), "errors": [{"code": "moved", "field": "personId"}]}}}


async def test_who_has_been_let_in_is_shown_the_group(node: Node) -> None:
    node.feed.answers["RequestMembership"] = lambda request: RequestMembershipResponse(
        state=feed_views.MEMBERSHIP_STATE_MEMBER, group=group(), position=node.feed.position()
    )
    body = await node.ask(_mutation("requestMembership", "state group { name }"), {"input": {"groupId": "g"}})
    asked = {"state": "MEMBER", "group": {"name": "Chess"}, "errors": []}
    assert body == {"data": {"requestMembership": asked}}


@pytest.mark.parametrize(
    ("field", "method", "role"),
    [("groupMembers", "ListMembers", "MODERATOR"), ("membershipRequests", "ListMembershipRequests", None)],
)
async def test_people_of_a_group_are_one_call(node: Node, field: str, method: str, role: str | None) -> None:
    query = (
        f"query($id: ID!) {{ {field}(groupId: $id, first: 2) {{ edges {{ node {{ role person {{ id name }} }} }} }} }}"
    )
    body = await node.ask(query, {"id": GROUP_ID})
    ann = {"role": role, "person": {"id": person_id("ann"), "name": "Ann"}}
    assert body == {"data": {field: {"edges": [{"node": ann}]}}}
    [call] = node.feed.calls
    assert (call.method, call.request.group_id, call.request.first) == (method, GROUP_ID, 2)


async def test_who_may_not_read_requests_is_told_so(node: Node) -> None:
    node.feed.errors["ListMembershipRequests"] = Forbidden("Not yours.", code="not_moderator", field="group_id")
    query = "query($id: ID!) { membershipRequests(groupId: $id) { edges { cursor } } }"
    body = await node.ask(query, {"id": GROUP_ID})
    assert body["errors"][0]["extensions"] == {"code": "not_moderator", "field": "groupId"}
