"""Which language a text is in: the one whose function words it uses most.

Function words are a third of what anybody writes, and hardly any are shared, so a sentence is enough. A text without them,
such as a name or two words of a title, is in no language, and is then indexed in the way of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ENGLISH: Final = "english"
SWEDISH: Final = "swedish"
FRENCH: Final = "french"

FUNCTION_WORDS: Final = {
    ENGLISH: frozenset(
        """
        a about after all also an and any are as at be because been but by can could did do does for from had
        has have he her his how i if in into is it its just me more my no not of on or our she should so some
        than that the their them then there these they this to was we were what when where which who why will
        with would you your
        """.split()
    ),
    SWEDISH: frozenset(
        """
        alla allt att av bara de dem den denna det detta dig din du där efter eller en er ett för från ha hade
        han har hon hur här i ibland in inte jag kan kommer man med men mig min mot måste nu när något och om
        oss på samt ska som så till under upp ut utan vad var varför vem vi vid vill vilka vilken är än även
        över
        """.split()
    ),
    FRENCH: frozenset(
        """
        ai au aussi aux avec avoir c ce ces cette ces comme d dans de des donc du elle en est et eu fait il
        ils j je l la le les leur lui mais me même mes moi mon n ne nous on ont ou où par pas plus pour qu que
        qui s sa sans se ses si son sont sur ta te tu un une vous y à été être
        """.split()
    ),
}
LANGUAGES: Final = tuple(FUNCTION_WORDS)
_ANY: Final = frozenset().union(*FUNCTION_WORDS.values())


def language_of(words: Iterable[str]) -> str:
    """Return the language of a text with these words, in lower case; empty if none has more function words in it."""
    counts = dict.fromkeys(LANGUAGES, 0)
    for word in words:
        if word in _ANY:
            for language, known in FUNCTION_WORDS.items():
                counts[language] += word in known
    first, second = sorted(counts, key=lambda language: -counts[language])[:2]
    return first if counts[first] > counts[second] else ""


def is_function_word(word: str) -> bool:
    """Whether a word says little by itself in one of the languages."""
    return word in _ANY
