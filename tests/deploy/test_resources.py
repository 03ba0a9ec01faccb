"""Facts about reading what was rendered."""

from __future__ import annotations

import pytest

from deploy.checking.resources import Rendered, Unreadable, Workload, read_resources

POD = """
kind: StatefulSet
metadata: {name: feed}
spec:
  template:
    metadata: {labels: {a: b, c: d}}
    spec:
      containers: [{args: [services.feed], ports: [{name: grpc, containerPort: 50051}]}]
      volumes: [{name: key, secret: {secretName: s}}]
  volumeClaimTemplates: [{metadata: {name: data}}]
"""


def test_every_document_is_a_resource() -> None:
    one, other = read_resources("kind: A\nmetadata: {name: a, namespace: n}\n---\n---\nkind: B\n")
    assert (str(one), one.namespace, str(other), other.name) == ("A a", "n", "B ", "")


@pytest.mark.parametrize("text", ["kind: A\nkind: B\n", "metadata: {name: a, name: b}", "- kind: A", "kind: [", "text"])
def test_what_is_no_list_of_resources_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_resources(text)


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"'name' stands twice[\s\S]*line 3"):
        read_resources("kind: A\nmetadata:\n  name: a\n  name: b\n")


def test_a_workload_knows_its_ports_volumes_and_module() -> None:
    (resource,) = read_resources(POD)
    workload = Workload(resource)
    assert (workload.module, dict(workload.ports)) == ("services.feed", {"grpc": 50051})
    assert {name: set(volume) for name, volume in workload.volumes.items()} == {
        "key": {"name", "secret"},
        "data": {"claim"},
    }


def test_pods_are_selected_by_all_labels() -> None:
    rendered = Rendered("any", read_resources(POD))
    assert [workload.name for workload in rendered.selected({"a": "b"})] == ["feed"]
    assert rendered.selected({"a": "b", "c": "x"}) == []
