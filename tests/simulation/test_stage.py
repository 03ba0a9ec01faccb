"""A scene happens as it is told, or fails."""

from __future__ import annotations

from simulation.doings import posts
from simulation.network import simulate
from simulation.stage import Scene, Stage

SEED = 1
HOME, NEAR, FAR = "stockholm", "tokyo", "lima"


async def comment_behind_a_cut(stage: Stage) -> None:
    """Let somebody comment on what has come everywhere but to them."""
    written = stage.reference.posts
    stage.cut(HOME, NEAR)
    await stage.until(lambda: any(not post.local for post in written.values()), HOME, posts.publish)
    await stage.arrives(HOME, FAR)
    await stage.until(lambda: stage.reference.comments, NEAR, posts.comment)


async def comment_when_it_is_healed(stage: Stage) -> None:
    """Let who is not cut off comment first, and who is once they are not."""
    comments, here = stage.reference.comments, stage.people[NEAR].id
    stage.cut(HOME, NEAR)
    await stage.until(lambda: any(not post.local for post in stage.reference.posts.values()), HOME, posts.publish)
    await stage.until(lambda: comments, FAR, posts.comment)
    stage.heal(HOME, NEAR)
    await stage.until(lambda: any(comment.author == here for comment in comments.values()), NEAR, posts.comment)


def test_nobody_does_what_a_cut_keeps_from_them_and_the_scene_fails() -> None:
    failure = simulate(SEED, scene=Scene(comment_behind_a_cut, (HOME, NEAR, FAR))).failure

    assert failure.startswith("in 100 attempts tokyo_")


def test_when_it_is_healed_they_do() -> None:
    assert simulate(SEED, scene=Scene(comment_when_it_is_healed, (HOME, NEAR, FAR))).failure == ""


def test_a_scene_always_goes_the_same_way() -> None:
    scene = Scene(comment_when_it_is_healed, (HOME, NEAR, FAR))

    assert simulate(SEED, scene=scene).fingerprint == simulate(SEED, scene=scene).fingerprint
    assert simulate(SEED, scene=scene).fingerprint != simulate(SEED + 1, scene=scene).fingerprint
