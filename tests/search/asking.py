"""What a member asks the search service, one function a call."""

from __future__ import annotations

from samverka.search.v1 import search_service_pb2 as pb
from samverka.search.v1.search_views_pb2 import Expert, Hit, HitConnection, Suggestion
from tests.support.services import Member, Replica

SEARCH = 2
"""The place of the first replica of search among those of its region."""


async def ask(
    member: Member, query: str, *, first: int = 0, after: str = "", replica: Replica | None = None
) -> pb.SearchResponse:
    request = pb.SearchRequest(query=query, first=first, after=after)
    answer: pb.SearchResponse = await member.ask((replica or member.region.replicas[SEARCH]).search.Search, request)
    return answer


async def page(member: Member, query: str, *, first: int = 0, after: str = "") -> HitConnection:
    return (await ask(member, query, first=first, after=after)).hits


async def hits(member: Member, query: str) -> list[Hit]:
    return [edge.node for edge in (await page(member, query, first=100)).edges]


async def found(member: Member, query: str) -> list[str]:
    """Return the ids of what is found; the count must say the same."""
    answer = await page(member, query, first=100)
    assert answer.total_count == len(answer.edges)
    return [edge.node.id for edge in answer.edges]


async def complete(member: Member, prefix: str, *, first: int = 0) -> list[Suggestion]:
    request = pb.CompleteRequest(prefix=prefix, first=first)
    return list((await member.ask(member.region.replicas[SEARCH].search.Complete, request)).suggestions)


async def completed(member: Member, prefix: str) -> list[str]:
    return [suggestion.text for suggestion in await complete(member, prefix)]


async def experts(member: Member, about: str, *, awake_now: bool = False, first: int = 0) -> list[Expert]:
    request = pb.FindExpertsRequest(about=about, awake_now=awake_now, first=first)
    return list((await member.ask(member.region.replicas[SEARCH].search.FindExperts, request)).experts)
