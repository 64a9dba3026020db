"""Files that are not UTF-8, and notebooks with large outputs: hits on the right lines, on disk and in buffers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.search.request import SearchRequest
from cognate.types import Hit

WAIT_S = 300.0


def first(engine: Engine, query: str) -> Hit | None:
    return next(iter(engine.search(SearchRequest(query, 1), CancelToken()).hits), None)


def notebook(source: str, output_bytes: int) -> str:
    outputs = [{"output_type": "display_data", "data": {"image/png": "A" * output_bytes}}]
    cells = [{"cell_type": "code", "source": source, "outputs": outputs}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    ("encoding", "name", "word"),
    [("gbk", "验证用户密码", "密码"), ("cp932", "パスワードを検証", "検証"), ("euc_kr", "비밀번호를확인", "확인")],
)
def test_files_and_buffers_in_an_old_encoding_agree(
    open_workspace: Callable[..., Engine], tmp_path: Path, encoding: str, name: str, word: str
):
    text = f'"""{name}。"""\n\n\ndef {name}(user):\n    return user  # {word}\n'
    folder = tmp_path / "workspace"
    folder.mkdir()
    file = folder / "auth.py"
    file.write_bytes(text.encode(encoding))
    engine = open_workspace()
    hit = first(engine, name)
    assert hit is not None
    assert (hit.focus_line, hit.focus_text, hit.stale) == (3, f"def {name}(user):", False)
    generation = engine.status().index.generation
    engine.set_buffer("auth.py", text)
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().index.generation == generation, "the buffer is what the file is"
    engine.set_buffer("auth.py", "# 🚀\n" + text)
    assert engine.wait_until_current(WAIT_S)
    edited = first(engine, name)
    assert edited is not None
    assert (edited.focus_line, edited.focus_text) == (4, f"def {name}(user):")
    file.write_bytes(("\n\n" + text).encode(encoding))
    engine.drop_buffer("auth.py")
    engine.note_changed(["auth.py"])
    assert engine.wait_until_current(WAIT_S)
    changed = first(engine, name)
    assert changed is not None
    assert (changed.focus_line, changed.focus_text, changed.stale) == (5, f"def {name}(user):", False)


def test_outputs_do_not_count_as_a_notebooks_size(open_workspace: Callable[..., Engine], tmp_path: Path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "plots.ipynb").write_text(notebook("def survival_curve(frame):\n    return frame\n", 20_000))
    (folder / "long.ipynb").write_text(notebook("def hazard_ratio(frame):\n    return 1\n" * 300, 20_000))
    engine = open_workspace(max_file_bytes=10_000)
    hit = first(engine, "survival_curve")
    assert hit is not None
    assert (hit.path, hit.cell, hit.focus_line) == ("plots.ipynb", 0, 0)
    explained = engine.explain("long.ipynb")
    assert not explained.indexed
    assert "11,400 bytes without outputs, more than 10,000" in explained.rule
    engine.set_buffer("long.ipynb", notebook("def hazard_ratio_now(frame):\n    return 1\n" * 300, 0))
    assert engine.wait_until_current(WAIT_S)
    hit = first(engine, "hazard_ratio_now")
    assert hit is None or hit.path == "plots.ipynb"


def test_a_notebook_left_out_for_its_cells_comes_back_with_a_larger_limit(
    open_workspace: Callable[..., Engine], tmp_path: Path
):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "long.ipynb").write_text(notebook("def hazard_ratio(frame):\n    return 1\n" * 300, 0))
    engine = open_workspace(max_file_bytes=10_000)
    assert first(engine, "hazard_ratio") is None
    engine.close()
    assert first(open_workspace(max_file_bytes=20_000), "hazard_ratio") is not None
