"""A dump is counted as it stands in its rows."""

from __future__ import annotations

from pathlib import Path

from ops.importing.checking.contents import Answer, QuestionKey, Thread
from ops.importing.stackexchange.counting import count
from services.chassis.ids import derive
from tests.ops.importing.dumps import POSTS, USERS, VOTES, table, write_dump
from tests.ops.importing.runs import SOURCE

AT_MS = 1_390_335_965_383  # 2014-01-21T20:26:05.383Z


def test_everything_is_counted_that_stands_under_a_question(tmp_path: Path) -> None:
    contents = count(write_dump(tmp_path / "ale"), region="stockholm", source=SOURCE)
    assert contents.threads == {
        Thread(
            key=QuestionKey(AT_MS, "What is a citra hop?"),
            topics=("dry-hopping", "hops"),
            helpful=2,
            down=1,
            answers=(Answer(AT_MS, helpful=0, down=0, accepted=True),),
            comments=1,
            answers_told=1,
        ): 1,
        Thread(
            key=QuestionKey(AT_MS, "Why foam?"),
            topics=("hops",),
            helpful=0,
            down=0,
            answers=(
                Answer(AT_MS, helpful=0, down=0, accepted=False),
                Answer(AT_MS, helpful=1, down=0, accepted=True),
            ),
            comments=2,
            answers_told=2,
        ): 1,
    }
    assert contents.listed == {"hops": 2, "dry-hopping": 1}


def test_people_have_the_ids_that_they_are_imported_under(tmp_path: Path) -> None:
    contents = count(write_dump(tmp_path / "ale"), region="stockholm", source=SOURCE)
    assert contents.people == {
        (derive("stockholm", "imported", SOURCE, key), name): 1
        for key, name in (("-1", "Community"), ("7", "Åsa Öberg"), ("8", "Åsa Öberg"), ("9", "웃웃"))
    }


def test_rows_that_cannot_be_read_and_files_that_are_not_there_are_nobodys(tmp_path: Path) -> None:
    whole = count(write_dump(tmp_path / "ale"), region="stockholm", source=SOURCE)
    broken = {
        "posts": [*POSTS, {**POSTS[1], "Id": "x"}, {**POSTS[1], "Id": "50", "CreationDate": "never"}, POSTS[1]],
        "users": [*USERS, {"DisplayName": "Nobody"}],
        "votes": [*VOTES, {"Id": "9", "VoteTypeId": "2"}],
    }
    dump = write_dump(tmp_path / "broken", **broken)
    (dump / "Posts.xml").write_text(table("posts", broken["posts"]).replace("</posts>", "  <row Id=9 />\n</posts>"))
    assert count(dump, region="stockholm", source=SOURCE) == whole
    (dump / "Votes.xml").unlink()
    assert count(dump, region="stockholm", source=SOURCE).figures()["helpful votes"] == 0
