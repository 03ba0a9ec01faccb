"""What each row of a dump means here: pure, one function for each kind of record."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.importing.limits import (
    COMMENT_CHARACTERS_MAX,
    HANDLE_CHARACTERS_MAX,
    HANDLE_CHARACTERS_MIN,
    POST_CHARACTERS_MAX,
)
from ops.importing.stackexchange.markdown import (
    UnreadableTextError,
    escape,
    from_comment,
    from_html,
    in_parts,
    one_line,
)

THUMBS_DOWN = "👎"
FORMER_MEMBER = "Former member"
ACCEPTANCE = "1"

_HELPFUL = {"2": True, "3": False}
_OTHER_VOTES = {
    ACCEPTANCE: "acceptance",  # counted as what it is of the question
    "4": "offensive",
    "5": "bookmark",
    "6": "close",
    "7": "reopen",
    "8": "bounty_start",
    "9": "bounty_close",
    "10": "deletion",
    "11": "undeletion",
    "12": "spam",
    "15": "moderator_review",
    "16": "approved_edit",
}
_OTHER_POSTS = {
    "3": "wiki",
    "4": "tag_wiki_excerpt",
    "5": "tag_wiki",
    "6": "moderator_nomination",
    "7": "wiki_placeholder",
    "8": "privilege_wiki",
}
_TAG = re.compile(r"[^<>|\s]+")
_TOPIC = re.compile(r"\.?[^\W_](?:[^\W_]|[+#.-])*")
_BETWEEN = re.compile(r"[^a-z0-9]+")
_NOT_ASCII_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"})

Values = Mapping[str, str]


class MalformedError(ValueError):
    """The row lacks what its kind has to have."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a record says wrote it; either part may be empty."""

    user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to make known; ``key`` is unique in the community."""

    key: str
    handle: str
    name: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    key: int
    owner: Owner
    authored_at: datetime
    title: str
    body: str
    more: Sequence[str]
    """What did not find room in the body."""


@dataclass(frozen=True, slots=True)
class Answer:
    key: int
    question_key: int
    owner: Owner
    authored_at: datetime
    body: str
    more: Sequence[str]
    """What did not find room in the body."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the asker of a question says; ``at`` is the latest that they can have said so."""

    question_key: int
    answer_key: int
    owner: Owner
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    key: int
    post_key: int
    owner: Owner
    authored_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Vote:
    key: int
    post_key: int
    helpful: bool
    """Up; otherwise down."""
    authored_at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """Left out on purpose."""

    reason: str


def person(values: Values) -> Person:
    """Return the person of a row of Users; somebody without a name is called by their number."""
    key = str(number(values, "Id"))
    name = one_line(values.get("DisplayName", "")) or f"user{key}"
    return Person(key, handle(name, fallback=f"user{key}"), name, _text(values.get("AboutMe", ""), required=False))


def question(values: Values) -> Question:
    """Return the question of a row of Posts; its tags stand below its text, as topics."""
    title = one_line(_required(values, "Title"))
    topics = " ".join(map(_topic, tags(values)))
    topics = f"\n\n{topics}" if topics else ""
    text, *more = _parts(values, first_characters_max=POST_CHARACTERS_MAX - len(topics))
    return Question(number(values, "Id"), _owner(values, "Owner"), made_at(values), title, text + topics, more)


def tags(values: Values) -> list[str]:
    """Return the tags of a question's row, in every form that dumps have had."""
    return _TAG.findall(values.get("Tags", ""))


def answer(values: Values) -> Answer:
    """Return the answer of a row of Posts."""
    body, *more = _parts(values, first_characters_max=POST_CHARACTERS_MAX)
    return Answer(
        number(values, "Id"), number(values, "ParentId"), _owner(values, "Owner"), made_at(values), body, more
    )


def acceptance(values: Values) -> Acceptance:
    """Return which answer the asker has accepted, of a question's row that names one."""
    at = made_at(values, "LastActivityDate" if "LastActivityDate" in values else "CreationDate")
    return Acceptance(number(values, "Id"), number(values, "AcceptedAnswerId"), _owner(values, "Owner"), at)


def other_post(values: Values) -> Skipped:
    """Return why a row of Posts that is neither question nor answer is left out."""
    kind = _required(values, "PostTypeId")
    return Skipped(_OTHER_POSTS.get(kind, "unknown_type"))


def comment(values: Values) -> Comment:
    """Return the comment of a row of Comments."""
    try:
        body = from_comment(_required(values, "Text"))
    except UnreadableTextError as error:
        raise MalformedError("unreadable_text", str(error)) from error
    return Comment(number(values, "Id"), number(values, "PostId"), _owner(values, ""), made_at(values), body)


def vote(values: Values) -> Vote | Skipped:
    """Return the vote of a row of Votes, or why it is left out."""
    key, kind = number(values, "Id"), _required(values, "VoteTypeId")
    if kind not in _HELPFUL:
        return Skipped(_OTHER_VOTES.get(kind, "unknown_type"))
    return Vote(key, number(values, "PostId"), _HELPFUL[kind], made_at(values))


def former_member(name: str) -> Person:
    """Return the person who stands for an owner that left: of that name, or the one without a name."""
    name = one_line(name)
    if not name:
        return Person("former", "former-member", FORMER_MEMBER)
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Person(f"former:{digest}", handle(name, fallback="former-member"), name)


def voter(ordinal: int) -> Person:
    """Return the person who casts the ``ordinal``-th vote, from 1, on every target."""
    return Person(f"voter:{ordinal}", f"voter-{ordinal}", f"Voter {ordinal}")


def made_at(values: Values, field: str = "CreationDate") -> datetime:
    """Return when it was made; dumps tell UTC without saying so."""
    text = _required(values, field)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("malformed_time", f"{field} is not a time.") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def handle(name: str, *, fallback: str) -> str:
    """Return a handle that reads like ``name``: 2 to 32 of a-z 0-9 . _ -, single signs between letters and digits."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(_NOT_ASCII_LETTERS))
    ascii_name = "".join(letter for letter in letters if not unicodedata.combining(letter))
    joined = _BETWEEN.sub(lambda found: found[0] if found[0] in ("-", "_", ".") else "-", ascii_name)
    slug = joined.strip("._-")[:HANDLE_CHARACTERS_MAX].rstrip("._-")
    return slug if len(slug) >= HANDLE_CHARACTERS_MIN else fallback


def number(values: Values, field: str) -> int:
    """Return a key of the dump, which is a whole number (the community's own user is -1)."""
    text = _required(values, field)
    if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
        raise MalformedError("malformed_key", f"{field} is not a whole number.")
    return int(text)


def _required(values: Values, field: str) -> str:
    text = values.get(field, "")
    if not text.strip():
        raise MalformedError("missing_field", f"{field} is missing.")
    return text


def _text(html: str, *, required: bool = True) -> str:
    try:
        text = from_html(html)
    except UnreadableTextError as error:
        raise MalformedError("unreadable_text", str(error)) from error
    if required and not text:
        raise MalformedError("empty", "There is no text in it.")
    return text


def _parts(values: Values, *, first_characters_max: int) -> list[str]:
    return in_parts(
        _text(values.get("Body", "")), first_characters_max=first_characters_max, characters_max=COMMENT_CHARACTERS_MAX
    )


def _owner(values: Values, prefix: str) -> Owner:
    return Owner(
        values.get(f"{prefix}UserId", ""), values.get(f"{prefix}DisplayName" if prefix else "UserDisplayName", "")
    )


def _topic(tag: str) -> str:
    """Return a tag as a topic; one that the feed would not take for one is shown as it is."""
    return f"#{tag}" if _TOPIC.fullmatch(tag) else escape(f"#{tag}")
