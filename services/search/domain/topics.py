"""Topics: what a text is marked to be about, as in ``#vpn``."""

from __future__ import annotations

import re

TOPIC_CHARACTERS_MAX = 50
TOPICS_MAX = 20
_TOPIC = re.compile(rf"(?:(?<=\s)|^)#([^\W_][\w-]{{0,{TOPIC_CHARACTERS_MAX - 1}}})")


def topics_of(text: str) -> list[str]:
    """Return the topics in a text, in lower case, each once, in order."""
    return list(dict.fromkeys(topic.lower() for topic in _TOPIC.findall(text)))[:TOPICS_MAX]
