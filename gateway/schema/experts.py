"""Who knows a subject, why, and who of them can be called right now."""

from __future__ import annotations

import strawberry

from gateway.compiling import computed
from gateway.schema.pages import Info, as_type, field
from gateway.schema.profile import Person
from gateway.schema.scalars import DateTime
from gateway.schema.search import Coverage, SnippetPart
from samverka.search.v1 import search_views_pb2 as views

EXPERTS_DEFAULT = 5


def _answers(expert: strawberry.Parent[views.Expert]) -> ExpertAnswers | None:
    return as_type(ExpertAnswers, expert.answers) if expert.HasField("answers") else None


def _at_work(expert: strawberry.Parent[views.Expert]) -> bool | None:
    return expert.at_work if expert.HasField("at_work") else None


def _next_at_work(expert: strawberry.Parent[views.Expert]) -> DateTime | None:
    return DateTime(expert.next_at_work_ms) if expert.next_at_work_ms else None


def _latest_at(answers: strawberry.Parent[views.ExpertAnswers]) -> DateTime:
    return DateTime(answers.latest_at_ms)


@strawberry.type(
    description="What somebody has answered on a subject: of the answers that fit best, those that you may see."
)
class ExpertAnswers:
    count: int
    accepted_count: int = strawberry.field(description="How many of them are accepted, by somebody else.")
    helpful_count: int = strawberry.field(description="How often others said that one of them has helped.")
    best_id: strawberry.ID = strawberry.field(description="The answer that speaks most for them.")
    post_id: strawberry.ID = strawberry.field(description="The question above it.")
    title: str = strawberry.field(description="What that question asks.")
    latest_at: DateTime = computed(_latest_at, description="When the latest of them was written.")


def _badge_id(recognition: strawberry.Parent[views.ExpertRecognition]) -> strawberry.ID | None:
    return strawberry.ID(recognition.badge_id) if recognition.badge_id else None


def _name(recognition: strawberry.Parent[views.ExpertRecognition]) -> str | None:
    return recognition.name or None


@strawberry.type(description="What somebody was recognised for in public that is about a subject, by badge or value.")
class ExpertRecognition:
    badge_id: strawberry.ID | None = computed(_badge_id, description="Null for thanks.")
    name: str | None = computed(_name, description="The badge's name, or the company's value that thanks were for.")
    count: int
    latest_id: strawberry.ID = strawberry.field(description="The latest recognition of them.")


@strawberry.type(description="Somebody who knows a subject, and why: what is null or empty is no reason.")
class Expert:
    person: Person
    skill: list[SnippetPart] = strawberry.field(
        description="The part of what they say of themselves that is about it, in order."
    )
    answers: ExpertAnswers | None = computed(_answers)
    recognitions: list[ExpertRecognition] = strawberry.field(description="The most given first.")
    recent_answer_count: int = strawberry.field(
        description="How many of the latest answers that you may see are theirs, on whatever. The only reason there is for "
        "those at the end of the list: they are not known to know it."
    )
    at_work: bool | None = computed(
        _at_work,
        description="Whether they are in their working hours; null where these, or their time zone, are not told.",
    )
    next_at_work: DateTime | None = computed(_next_at_work, description="When they are again; null while they are.")


@strawberry.type
class Experts:
    experts: list[Expert] = strawberry.field(description="Who knows it best, first.")
    coverage: list[Coverage] = strawberry.field(description="Every region that anything is known of, by name.")


@strawberry.type
class ExpertQuery:
    @field(
        "Who knows a subject, by what they answered, say of themselves and are thanked for, and who of them works now."
    )
    async def experts(
        self, info: Info, about: str, awake_now: bool = False, first: int | None = EXPERTS_DEFAULT
    ) -> Experts | None:
        context = info.context
        most = EXPERTS_DEFAULT if first is None else first
        return as_type(
            Experts,
            await context.backend.search.experts(context.talk, about=about, awake_now=awake_now, first=most),
        )
