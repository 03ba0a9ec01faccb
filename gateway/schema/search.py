"""Searching, and completing what is being typed."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.compiling import computed
from gateway.schema.groups import Group
from gateway.schema.pages import Info, PageInfo, as_type, field, page_size
from gateway.schema.profile import Person
from gateway.schema.scalars import BigInt, DateTime
from samverka.search.v1 import search_service_pb2 as pb
from samverka.search.v1 import search_views_pb2 as views

SUGGESTIONS_DEFAULT = 10


@strawberry.enum(description="What was found; a question and praise are posts too, and an answer a comment.")
class HitKind(Enum):
    POST = views.HIT_KIND_POST
    QUESTION = views.HIT_KIND_QUESTION
    PRAISE = views.HIT_KIND_PRAISE
    COMMENT = views.HIT_KIND_COMMENT
    ANSWER = views.HIT_KIND_ANSWER
    PERSON = views.HIT_KIND_PERSON
    GROUP = views.HIT_KIND_GROUP


@strawberry.enum(description="What a suggestion is.")
class SuggestionKind(Enum):
    PERSON = views.SUGGESTION_KIND_PERSON
    GROUP = views.SUGGESTION_KIND_GROUP
    TOPIC = views.SUGGESTION_KIND_TOPIC
    TITLE = views.SUGGESTION_KIND_TITLE


def _hit_kind(hit: strawberry.Parent[views.Hit]) -> HitKind:
    return HitKind(hit.kind)


def _title(hit: strawberry.Parent[views.Hit]) -> str | None:
    return hit.title or None


def _author(hit: strawberry.Parent[views.Hit]) -> Person | None:
    return as_type(Person, hit.author) if hit.HasField("author") else None


def _group(hit: strawberry.Parent[views.Hit]) -> Group | None:
    return as_type(Group, hit.group) if hit.HasField("group") else None


def _post_id(hit: strawberry.Parent[views.Hit]) -> strawberry.ID | None:
    return strawberry.ID(hit.post_id) if hit.post_id else None


def _created_at(hit: strawberry.Parent[views.Hit]) -> DateTime:
    return DateTime(hit.created_at_ms)


def _edges(found: strawberry.Parent[pb.SearchResponse]) -> list[SearchEdge]:
    return [as_type(SearchEdge, edge) for edge in found.hits.edges]


def _page_info(found: strawberry.Parent[pb.SearchResponse]) -> PageInfo:
    return as_type(PageInfo, found.hits.page_info)


def _total_count(found: strawberry.Parent[pb.SearchResponse]) -> BigInt:
    return BigInt(found.hits.total_count)


def _as_of(coverage: strawberry.Parent[views.Coverage]) -> DateTime | None:
    return DateTime(coverage.as_of_ms) if coverage.as_of_ms else None


def _suggestion_kind(suggestion: strawberry.Parent[views.Suggestion]) -> SuggestionKind:
    return SuggestionKind(suggestion.kind)


def _id(suggestion: strawberry.Parent[views.Suggestion]) -> strawberry.ID | None:
    return strawberry.ID(suggestion.id) if suggestion.id else None


def _handle(suggestion: strawberry.Parent[views.Suggestion]) -> str | None:
    return suggestion.handle or None


def _region(suggestion: strawberry.Parent[views.Suggestion]) -> str | None:
    return suggestion.region or None


@strawberry.type(description="A piece of plain text.")
class SnippetPart:
    text: str
    matched: bool = strawberry.field(description="It is why this was found.")


@strawberry.type
class SearchHit:
    kind: HitKind = computed(_hit_kind)
    id: strawberry.ID = strawberry.field(description="Of the post, the comment, the person or the group.")
    title: str | None = computed(_title, description="A group's or a person's name, or what a question asks.")
    snippet: list[SnippetPart] = strawberry.field(description="The part of its text that fits best, in order.")
    author: Person | None = computed(
        _author, description="Who wrote it, founded it, or is it; null of a group whose founder was erased."
    )
    group: Group | None = computed(_group, description="Null where it stands in none.")
    post_id: strawberry.ID | None = computed(_post_id, description="The post that a comment stands below.")
    created_at: DateTime = computed(_created_at)


@strawberry.type
class SearchEdge:
    cursor: str
    node: SearchHit


@strawberry.type(description="How far the answer reaches in what one region has written: all of it up to there.")
class Coverage:
    region: str
    sequence: BigInt = strawberry.field(description="The last one, by the numbering of the region's own log.")
    as_of: DateTime | None = computed(_as_of, description="When the region wrote that; null where it is not known.")


@strawberry.type
class SearchConnection:
    edges: list[SearchEdge] = computed(_edges)
    page_info: PageInfo = computed(_page_info)
    total_count: BigInt = computed(
        _total_count, description="How much there is for you, exactly, also past the last page."
    )
    coverage: list[Coverage] = strawberry.field(description="Every region that anything is known of, by name.")


@strawberry.type
class Suggestion:
    kind: SuggestionKind = computed(_suggestion_kind)
    text: str = strawberry.field(description="A name, a topic or a title.")
    id: strawberry.ID | None = computed(_id, description="Of the person, the group or the question; null for a topic.")
    handle: str | None = computed(_handle, description="A person's.")
    region: str | None = computed(_region, description="Where it is at home; null for a topic.")


@strawberry.type
class SearchQuery:
    @field(
        'What a query finds, the best first: words, "phrases", -exclusions, from: in: kind: before: after:. '
        "With filters alone, the latest first."
    )
    async def search(
        self, info: Info, query: str, first: int | None = 20, after: str | None = None
    ) -> SearchConnection | None:
        context = info.context
        found = await context.backend.search.search(context.talk, text=query, first=page_size(first), after=after or "")
        return as_type(SearchConnection, found)

    @field("What is being typed may become: people, groups, titles and topics; @ before it: people, #: topics.")
    async def complete(
        self, info: Info, prefix: str, first: int | None = SUGGESTIONS_DEFAULT
    ) -> list[Suggestion] | None:
        context = info.context
        most = SUGGESTIONS_DEFAULT if first is None else first
        suggestions = await context.backend.search.complete(context.talk, prefix=prefix, first=most)
        return [as_type(Suggestion, suggestion) for suggestion in suggestions]
