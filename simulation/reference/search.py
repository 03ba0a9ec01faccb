"""What can be found: everybody, every group, and of what was written what is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from simulation.reference.groups import Groups
from simulation.reference.people import Person
from simulation.reference.tables import Tables, reaching
from simulation.reference.texts import Text


def tables(
    people: Mapping[str, Person],
    posts: Mapping[str, Text],
    comments: Mapping[str, Text],
    groups: Groups,
    erased: Collection[str],
    region: str,
) -> Tables:
    there = [person for person in people.values() if person.id not in erased]
    founded = {group.id: group for group in reaching(groups.by_id.values(), region)}
    texts = [text for text in reaching([*posts.values(), *comments.values()], region) if text.author not in erased]
    kept = {text.id: text for text in texts}
    return {
        "search.people": (
            "select id, called, title, body from documents where kind = 3",
            {(person.id, person.handle, person.name, person.title) for person in there},
        ),
        "search.founded": (
            "select id, local, author, title from documents where kind = 4",
            {(group.id, group.local, group.owner, group.name) for group in founded.values()},
        ),
        "search.texts": (
            "select id, local, author, body, deleted, group_id, post_id from documents where kind in (1, 2)",
            {_columns(text) for text in texts},
        ),
        "search.findable": (
            "select id from findable where kind in (1, 2)",
            {(text.id,) for text in _shown(texts, kept, groups)},
        ),
    }


def _shown(texts: Iterable[Text], kept: Mapping[str, Text], groups: Groups) -> Iterable[Text]:
    """Yield what is neither deleted nor hidden, and stands below nothing that is."""
    for text in texts:
        above = kept.get(text.post_id or text.id)
        if above is not None and not any(
            shown.deleted or groups.hides(above.group_id, shown.id, shown.author) for shown in (text, above)
        ):
            yield text


def _columns(text: Text) -> tuple[str, bool, str, str, bool, str | None, str | None]:
    body = "" if text.deleted else text.body
    return text.id, text.local, text.author, body, text.deleted, text.group_id or None, text.post_id or None
