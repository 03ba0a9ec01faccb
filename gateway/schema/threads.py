"""Threads: a post and the page of its comments that is asked for below it come in one call."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.types.nodes import SelectedField, Selection

from gateway.context import Context
from gateway.schema.pages import Info, page_size
from samverka.feed.v1 import feed_views_pb2 as feed_views
from services.chassis import limits as chassis_limits
from services.chassis.errors import Invalid


async def post_with_comments(info: Info, post_id: str) -> feed_views.Post:
    """Return the post; if one page of its comments is asked for as well, both come in one call."""
    context: Context = info.context
    asked = {_page(selected) for selected in _named(info.selected_fields, "comments")}
    if len(asked) == 1:
        first, after = asked.pop()
        if 1 <= first <= chassis_limits.PAGE_ITEMS_MAX:
            try:
                thread = await context.backend.feed.thread(context.talk, post_id=post_id, first=first, after=after)
            except Invalid as error:
                if error.field != "after":
                    raise
                # Only the comments cannot be shown, and their own resolver says why.
            else:
                context.threads[post_id, first, after] = thread.comments
                return thread.post
    return await context.backend.feed.post(context.talk, post_id=post_id)


def _page(selected: SelectedField) -> tuple[int, str]:
    first = selected.arguments.get("first")
    # A number that stands in the document comes as its digits; one of a variable, as a number.
    return page_size(int(first) if isinstance(first, str) else first), selected.arguments.get("after") or ""


def _named(selections: list[Selection], name: str) -> Iterator[SelectedField]:
    """Yield the fields of that name directly below the selected one."""
    for selection in selections:
        for below in selection.selections:
            yield from _fields(below, name)


def _fields(selection: Selection, name: str) -> Iterator[SelectedField]:
    if isinstance(selection, SelectedField):
        if selection.name == name:
            yield selection
    else:
        for below in selection.selections:
            yield from _fields(below, name)
