"""What everybody is shown in the region where they live, by each path, is what there is for them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from google.protobuf.message import Message

from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.recognition.v1 import recognition_service_pb2 as recognition
from services.chassis.auth import Caller
from services.chassis.errors import NotFound
from services.chassis.store import Connection
from services.search.standing import Viewer, audiences_of
from simulation.calling import caller_of
from simulation.checking.comparing import rows_apart
from simulation.reference import Reference
from simulation.reference.people import Person
from simulation.reference.seeing import Seeing
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Violation

_PAGE = 100
_FINDABLE = "select id from findable where audience in (select value from json_each(?))"


async def check_seeing(region: Region, reference: Reference) -> None:
    """Ask for everything as everybody who lives there; one replica answers, for that all hold the same is looked at."""
    seeing = Seeing(reference, region.name)
    for person in reference.people.values():
        if person.region == region.name and person.id not in reference.erased:
            await _check_viewer(region, person, reference, seeing)


async def _check_viewer(region: Region, person: Person, reference: Reference, seeing: Seeing) -> None:
    viewer, ask = person.id, _Asking(region, person)
    ask.compare(
        "home feed", await ask.posts("ListHomeFeed", feed.ListHomeFeedRequest(first=_PAGE)), seeing.home_feed(viewer)
    )
    ask.compare("groups", await ask.groups(), seeing.groups_of(viewer))
    for group in seeing.groups:
        posts = await ask.posts("ListGroupPosts", feed.ListGroupPostsRequest(group_id=group, first=_PAGE))
        ask.compare(f"posts of {group}", posts, seeing.group_feed(viewer, group))
        ask.compare(f"members of {group}", await ask.members(group), seeing.members(viewer, group))
    for wanted, expected in (
        (feed.QUESTION_FILTER_UNSPECIFIED, seeing.questions(viewer)),
        (feed.QUESTION_FILTER_UNANSWERED, seeing.questions(viewer, unanswered=True)),
        (feed.QUESTION_FILTER_UNACCEPTED, seeing.questions(viewer, unaccepted=True)),
    ):
        questions = await ask.posts("ListQuestions", feed.ListQuestionsRequest(filter=wanted, first=_PAGE))
        ask.compare(f"questions by filter {wanted}", questions, expected)
    for author in reference.people:
        posts = await ask.posts("ListPersonPosts", feed.ListPersonPostsRequest(person_id=author, first=_PAGE))
        ask.compare(f"posts by {author}", posts, seeing.posts_by(viewer, author))
    for post in seeing.posts:
        ask.compare(f"thread below {post}", await ask.comments(post), seeing.thread(viewer, post))
    ask.compare("search", ask.found(), seeing.found(viewer))
    ask.compare("recognitions", await ask.recognitions(), seeing.recognitions(viewer))


class _Asking:
    """Asks the services of one region as one person; None: what was asked for is not there."""

    def __init__(self, region: Region, person: Person) -> None:
        self._region = region
        self._caller: Caller = caller_of(region.name, person.subject, handle=person.handle)

    async def posts(self, method: str, request: Message) -> set[str] | None:
        answer = await self._ask("feed", method, request)
        return answer and _ids(answer.posts)

    async def groups(self) -> set[str] | None:
        answer = await self._ask("feed", "ListGroups", feed.ListGroupsRequest(first=_PAGE))
        return answer and _ids(answer.groups)

    async def members(self, group_id: str) -> set[str] | None:
        answer = await self._ask("feed", "ListMembers", feed.ListMembersRequest(group_id=group_id, first=_PAGE))
        return answer and {edge.node.person.id for edge in answer.members.edges}

    async def comments(self, post_id: str) -> set[str] | None:
        answer = await self._ask("feed", "GetThread", feed.GetThreadRequest(post_id=post_id, first=_PAGE))
        return answer and _ids(answer.comments)

    async def recognitions(self) -> set[str] | None:
        request = recognition.ListRecognitionsRequest(first=_PAGE)
        answer = await self._ask("recognition", "ListRecognitions", request)
        return answer and _ids(answer.recognitions)

    def found(self) -> set[str]:
        """Return what can be found by rows: which words find it is the index's affair, which is made of these."""
        return self._one_of("search").store.read_now(self._find)

    def compare(self, path: str, shown: set[str] | None, expected: set[str] | None) -> None:
        if shown != expected:
            apart = rows_apart(_rows(expected), _rows(shown))
            raise Violation(f"{self._caller.person_id} is not shown what there is for them as {path}: {apart}")

    def _find(self, db: Connection) -> set[str]:
        audiences = audiences_of(db, Viewer(self._caller.person_id, self._region.name))
        return {str(found) for (found,) in db.execute(_FINDABLE, (orjson.dumps(audiences).decode(),))}

    async def _ask(self, service: str, method: str, request: Message) -> Any:
        try:
            return await self._one_of(service).ask(method, request, self._caller)
        except NotFound:
            return None

    def _one_of(self, service: str) -> Replica:
        return self._region.of(service)[0]


def _ids(page: Any) -> set[str]:
    if page.page_info.has_next_page:
        raise Violation("a page of the simulation is too small")
    return {edge.node.id for edge in page.edges}


def _rows(things: Iterable[str] | None) -> set[tuple[Any, ...]]:
    return {("not there",)} if things is None else {(thing,) for thing in things}
