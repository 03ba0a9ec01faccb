"""Two contents are compared person by person and question by question."""

from __future__ import annotations

from dataclasses import replace

from ops.importing.checking.contents import Answer, Contents, QuestionKey, Thread, differences

THREAD = Thread(
    key=QuestionKey(1, "Why foam?"),
    topics=("ale", "hops"),
    helpful=2,
    down=1,
    answers=(Answer(2, helpful=3, down=0, accepted=True), Answer(3, helpful=0, down=4, accepted=False)),
    comments=5,
    answers_told=2,
)


def some_contents(*threads: Thread) -> Contents:
    contents = Contents()
    contents.people["stockholm_A", "Anna"] += 1
    for thread in threads:
        contents.threads[thread] += 1
        contents.listed.update(thread.topics)
    return contents


def test_figures_are_of_questions_and_of_what_stands_below_them() -> None:
    assert some_contents(THREAD, THREAD).figures() == {
        "people": 1,
        "questions": 2,
        "answers": 4,
        "accepted answers": 2,
        "comments": 10,
        "helpful votes": 10,
        "down votes": 10,
        "topics": 2,
        "topics of questions": 4,
    }


def test_equal_contents_have_no_differences() -> None:
    assert list(differences(some_contents(THREAD), some_contents(THREAD))) == []


def test_what_is_doubled_missing_or_otherwise_is_a_line() -> None:
    source = some_contents(THREAD)
    assert len(list(differences(source, some_contents(THREAD, THREAD)))) == 3  # the question, and in two lists
    shown = some_contents(replace(THREAD, comments=4))
    shown.people.clear()
    lines = list(differences(source, shown))
    assert lines[0] == "not shown: Anna (stockholm_A)"
    assert [line.partition(":")[0] for line in lines[1:]] == ["not shown", "not in the source"]


def test_a_list_without_a_question_is_named() -> None:
    shown = some_contents(THREAD)
    shown.listed["ale"] -= 1
    assert list(differences(some_contents(THREAD), shown)) == ["not shown: 1 in the list of #ale"]
    assert shown.figures()["topics"] == 1
