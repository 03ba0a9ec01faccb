"""What people are shown of what groups hide: it is there for its author and who moderates, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chaos.expected import Expected
from chaos.findings import Finding, Kind
from chaos.shown_hidden import ShownHidden


def compare_hidden(shown: ShownHidden, expected: Expected, asked: Iterable[str]) -> Iterator[Finding]:
    """Yield what is shown to others, is kept from whom it is for, or does not say that it is hidden."""
    who = shown.person or "a stranger"
    for content in asked:
        there, wanted = content in shown.shown, expected.is_for(content, shown.person, shown.region)
        if there and not wanted:
            yield Finding(Kind.LEAK, shown.region, f"{who} is shown {content}, which its group hides")
        elif wanted and not there:
            yield Finding(Kind.LOST, shown.region, f"{who} is not shown {content}, which is hidden from others alone")
        elif there and not shown.shown[content]:
            yield Finding(Kind.CHANGED, shown.region, f"{content} does not say to {who} that it is hidden")
