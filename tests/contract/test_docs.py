"""What is written down agrees with the code."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from cognate.embedding.mount import open_mount
from cognate.embedding.shards import Precision
from cognate.embedding.sharing import add_vectors, manifest_for
from cognate.embedding.text import digest
from cognate.search.signals import SIGNALS
from fixtures import GatedEncoder

ROOT = Path(__file__).parents[2]

WORTH_NO_LINE = frozenset(
    {
        "name",
        "path",
        "stat_result",
        "DEVNULL",
        "PIPE",
        "TimeoutExpired",
        "CompletedProcess",
        "SOCK_STREAM",
        "RUSAGE_SELF",
        "socket",
    }
    | {"LOCK_EX", "LOCK_NB", "LOCK_UN", "LK_NBLCK", "LK_UNLCK"}
)
"""Kinds, constants and errors that come with a call that has its line."""


def load(script: str) -> ModuleType:
    """Return a script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(Path(script).stem, ROOT / script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_settings_page_is_what_the_declarations_say():
    generate = load("docs/generate.py")
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == generate.settings_page()


def test_every_signal_of_the_ranking_is_explained():
    page = (ROOT / "docs" / "ranking.md").read_text(encoding="utf-8")
    table = page.split("| signal | what it is |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    assert table.splitlines() == [f"| `{signal.name}` | {signal.sentence} |" for signal in SIGNALS]


def test_every_stage_of_a_query_that_is_timed_is_named_in_the_walk_of_a_query():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    walk = page.split("**A query.**", 1)[1].split("\n\n", 1)[0]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "server" / "cognate" / "search").glob("*.py")]
    timed = {name for source in sources for name in re.findall(r'ended\("([^"]+)"\)', source)}
    assert "hits" in timed
    assert set(re.findall(r"\*([a-z ]+)\*", walk)) == timed


@pytest.mark.parametrize("precision", Precision)
def test_the_reader_in_the_page_on_vectors_of_a_team_reads_them(tmp_path: Path, precision: Precision):
    page = (ROOT / "docs" / "team-vectors.md").read_text(encoding="utf-8")
    code = page.split("```python\n", 1)[1].split("```", 1)[0]
    assert len(code.splitlines()) <= 42
    names: dict[str, Any] = {}
    exec(code, names)
    vectors = np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    digests = [digest(str(number)) for number in range(200)]
    manifest = manifest_for(tmp_path, GatedEncoder(), precision)
    add_vectors(tmp_path, manifest, digests[:150], vectors[:150])
    add_vectors(tmp_path, manifest_for(tmp_path, GatedEncoder(), precision), digests, vectors)
    read = names["vectors_of"](tmp_path, [*digests, digest("unknown"), b"\xff" * 16])
    ours = open_mount(tmp_path, None, GatedEncoder()).get(digests)
    assert read.keys() == ours.keys() == set(digests)
    assert all(np.allclose(read[key], ours[key], atol=1e-6) for key in digests)


def test_every_dependency_is_named_in_the_notice():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = project.split("dependencies = [", 1)[1].split("]", 1)[0]
    names = re.findall(r'"([a-z][\w-]*)', block)
    assert len(names) > 5
    assert [name for name in names if name not in notice] == []


def test_the_tables_of_benchmarks_are_what_the_results_say():
    tables = load("benchmarks/tables.py")
    assert all("<!-- table peers of " in page.read_text(encoding="utf-8") for page in tables.PAGES)
    for page in tables.PAGES:
        text = page.read_text(encoding="utf-8")
        assert text == tables.with_tables(text)


def test_results_say_when_and_on_what_they_were_measured():
    tables = load("benchmarks/tables.py")
    files = sorted(tables.RESULTS.iterdir())
    assert len(files) >= 3
    for file in files:
        results = tables.read(file.stem)
        assert re.fullmatch(re.escape(results["date"]) + r"-\d+-core-[a-z0-9-]+\.json", file.name)
        assert results["machine"]
        for table in results["tables"].values():
            keys = {column["key"] for column in table["columns"]}
            assert all(set(row) <= keys for row in table["rows"])


def test_the_best_of_a_column_and_our_own_row_stand_out():
    tables = load("benchmarks/tables.py")
    columns = [
        {"key": "system", "title": ""},
        {"key": "time", "title": "time", "unit": "s", "best": "least"},
        {"key": "ndcg", "title": "NDCG", "decimals": 2, "best": "most"},
        {"key": "lead", "title": "lead", "decimals": 1, "signed": True},
    ]
    rows = [
        {"system": "Cognate", "time": 1.5, "ndcg": [0.5, 0.75], "lead": None},
        {"system": "other", "time": "none", "ndcg": [0.6, 0.7], "lead": {"value": 1, "low": -0.25, "high": 2}},
    ]
    assert tables.shown({"columns": columns, "rows": rows}).splitlines()[2:] == [
        "| **Cognate** | **1.5 s** | **0.50 / 0.75** |  |",
        "| other | none | 0.60 / 0.70 | +1.0 [-0.2, +2.0] |",
    ]


def test_every_call_that_depends_on_the_system_is_on_the_page_of_platforms():
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    modules = {"os", "fcntl", "msvcrt", "socket", "ctypes", "resource", "subprocess", "shutil", "tempfile"}
    calls = re.compile(rf"(?:os\.path|{'|'.join(modules)})\.(\w+)")
    found = {
        name: call[1]
        for file in (ROOT / "server" / "cognate").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and (call := calls.fullmatch(name := ast.unparse(node)))
    }
    assert len(found) > 50
    assert sorted(name for name, call in found.items() if name not in page and call not in WORTH_NO_LINE) == []
