"""Facts about the plan of faults."""

from __future__ import annotations

from random import Random

import pytest

from chaos.faults import PARTS, Fault, full_plan, quick_plan
from chaos.running import FULL, QUICK, Form, Plan


@pytest.mark.parametrize("form", [QUICK, FULL], ids=["quick", "full"])
def test_a_seed_gives_the_same_plan_and_another_one_another(form: Form) -> None:
    def plan(seed: int) -> list[str]:
        return [str(step) for step in form.plan(form.regions, form.joining, Random(seed))]

    assert plan(1) == plan(1)
    assert len({tuple(plan(seed)) for seed in range(20)}) > 10


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("form", [QUICK, FULL], ids=["quick", "full"])
def test_every_kind_of_fault_and_of_process_is_met(form: Form, seed: int) -> None:
    steps = form.plan(form.regions, form.joining, Random(seed))

    assert {step.fault for step in steps} == set(Fault)
    killed = {step.targets[0].partition("/")[2] for step in steps if step.fault is Fault.KILL}
    assert killed == set(PARTS)


def test_the_full_plan_leaves_nothing_out() -> None:
    steps = full_plan(["a", "b", "c"], "d", Random(1))

    for link in (("a", "b"), ("a", "c"), ("b", "c")):
        assert {step.fault for step in steps if step.targets == link} >= {Fault.CUT, Fault.HANG}
    killed = {step.targets[0] for step in steps if step.fault is Fault.KILL}
    assert killed >= {f"{region}/{part}" for region in "abc" for part in PARTS}


@pytest.mark.parametrize("plan", [quick_plan, full_plan])
def test_nothing_is_done_to_a_region_before_it_has_joined(plan: Plan) -> None:
    for seed in range(20):
        steps = plan(["stockholm", "tokyo"], "nairobi", Random(seed))
        joins = next(number for number, step in enumerate(steps) if step.fault is Fault.ADD)
        assert "nairobi" not in " ".join(map(str, steps[:joins]))


@pytest.mark.parametrize("form", [QUICK, FULL], ids=["quick", "full"])
def test_somebody_of_every_region_is_erased_while_a_link_of_it_is_down_and_before_events_are_counted(
    form: Form,
) -> None:
    for seed in range(20):
        steps = form.plan(form.regions, form.joining, Random(seed))
        erasing = [step for step in steps if step.erased]
        assert sorted(step.erased for step in erasing) == sorted(form.regions)
        assert all(step.erased in step.targets and step.fault in (Fault.CUT, Fault.HANG) for step in erasing)
        assert {step.by_operator for step in erasing} == {True, False}
        assert steps.index(erasing[-1]) < next(n for n, step in enumerate(steps) if step.fault is Fault.CUT_OFF)
