"""The stand-in of the search service, and what it answers with."""

from __future__ import annotations

from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.search.v1 import search_service_pb2 as search_pb2
from samverka.search.v1 import search_views_pb2 as search_views
from samverka.search.v1.search_service_pb2_grpc import SearchServiceServicer
from tests.gateway.fakes.answering import EPOCH, REGION, Fake, answers_with
from tests.gateway.fakes.content import GROUP_ID, author, post_id
from tests.gateway.fakes.profile import person_id


def hits(count: int) -> search_views.HitConnection:
    edges = [
        search_views.HitEdge(
            cursor=f"{EPOCH}:after-{number}",
            node=search_views.Hit(
                kind=search_views.HIT_KIND_QUESTION if number % 2 else search_views.HIT_KIND_ANSWER,
                id=post_id(number),
                title="How?" if number % 2 else "",
                snippet=[search_views.SnippetPart(text="By "), search_views.SnippetPart(text="bus", matched=True)],
                author=author("bo"),
                group=feed_views.GroupName(id=GROUP_ID, name="Chess", reach=feed_views.REACH_NETWORK),
                post_id="" if number % 2 else post_id(1),
                created_at_ms=1_700_000_000_000 + number,
            ),
        )
        for number in range(1, count + 1)
    ]
    info = feed_views.PageInfo(has_next_page=True, end_cursor=edges[-1].cursor if edges else "")
    return search_views.HitConnection(edges=edges, page_info=info, total_count=3_000_000_000)


class FakeSearch(Fake, SearchServiceServicer):
    """A search service that finds two of many things, whatever is asked, or what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.hits = hits(2)

    Search = answers_with(
        "Search",
        lambda fake, request: search_pb2.SearchResponse(
            hits=fake.hits,
            coverage=[
                search_views.Coverage(region=REGION, sequence=7, as_of_ms=1_700_000_000_123),
                search_views.Coverage(region="tokyo", sequence=9),
            ],
        ),
    )
    Complete = answers_with(
        "Complete",
        lambda fake, request: search_pb2.CompleteResponse(
            suggestions=[
                search_views.Suggestion(
                    kind=search_views.SUGGESTION_KIND_PERSON,
                    text="Bo",
                    id=person_id("bo"),
                    handle="bo",
                    region=REGION,
                ),
                search_views.Suggestion(kind=search_views.SUGGESTION_KIND_TOPIC, text="boats"),
            ]
        ),
    )
    FindExperts = answers_with(
        "FindExperts",
        lambda fake, request: search_pb2.FindExpertsResponse(
            experts=[
                search_views.Expert(
                    person=feed_views.Author(id=person_id("bo"), handle="bo", name="Bo", region=REGION),
                    skill=[search_views.SnippetPart(text="boats", matched=True)],
                    answers=search_views.ExpertAnswers(
                        count=3,
                        accepted_count=1,
                        helpful_count=7,
                        best_id=post_id(2),
                        post_id=post_id(1),
                        title="How?",
                        latest_at_ms=1_700_000_000_002,
                    ),
                    recognitions=[search_views.ExpertRecognition(name="Care", count=2, latest_id=post_id(3))],
                    recent_answer_count=4,
                    at_work=False,
                    next_at_work_ms=1_700_000_000_123,
                ),
                search_views.Expert(
                    person=feed_views.Author(id=person_id("al"), handle="al", name="Al", region="tokyo")
                ),
            ],
            coverage=[search_views.Coverage(region=REGION, sequence=7, as_of_ms=1_700_000_000_123)],
        ),
    )
