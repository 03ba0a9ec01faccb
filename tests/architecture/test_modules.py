"""The house rules that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from services.network.domain.erasures import HOLDERS, LOG

ROOT = Path(__file__).parents[2]
HOUSES = ("services", "gateway", "ops", "deploy", "bench", "simulation", "chaos")
MODULES = sorted(path for house in HOUSES for path in (ROOT / house).rglob("*.py"))
FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 55
CLOCKS_AND_CHANCE = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "datetime.now",
    "datetime.utcnow",
    "uuid.uuid4",
    "random.random",
    "random.choice",
    "secrets.token_bytes",
    "os.urandom",
}
MAY_ASK_THE_MACHINE = {"services/chassis/clock.py", "services/chassis/ids.py"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))

    assert docstring, f"{name_of(path)} opens with no sentence"
    assert docstring.splitlines()[0].rstrip()[-1] in ".:", "the sentence has no end"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_are_small(path: Path) -> None:
    text = path.read_text()

    assert text.count("\n") <= FILE_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= FUNCTION_LINES_MAX, f"{node.name} is long"


@pytest.mark.parametrize("path", [path for path in MODULES if "bench" not in path.parts], ids=name_of)
def test_time_and_chance_come_from_the_chassis(path: Path) -> None:
    if name_of(path) in MAY_ASK_THE_MACHINE:
        return
    calls = {dotted(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}

    assert not calls & CLOCKS_AND_CHANCE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_waits_end_by_timeout_and_never_by_wait_for(path: Path) -> None:
    """Python 3.11's ``asyncio.wait_for`` loses a cancellation that comes as its future is done; a task then never ends."""
    calls = {dotted(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}

    assert "asyncio.wait_for" not in calls


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_built_at_import(path: Path) -> None:
    """A module's own statements define; what opens a file, a socket or a process is called by somebody."""
    tree = ast.parse(path.read_text())
    opened = {"open", "Path.open", "apsw.Connection", "nats.connect", "grpc.aio.server", "grpc.aio.insecure_channel"}
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            calls = {dotted(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            assert not calls & opened


def test_an_erasure_waits_for_every_service() -> None:
    services = {path.parent.name for path in (ROOT / "services").glob("*/__main__.py")}

    assert set(HOLDERS) == services | {LOG}
