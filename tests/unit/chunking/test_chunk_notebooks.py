import json

from cognate.chunking import chunk_file, source_bytes
from cognate.types import ChunkedFile


def notebook(*cells: tuple[str, object], **metadata: object) -> str:
    entries = [
        {"cell_type": kind, "source": source, "metadata": {}, "outputs": [{"text": "def output(): pass"}]}
        for kind, source in cells
    ]
    return json.dumps({"cells": entries, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def check(chunked: ChunkedFile, expected: list[tuple[int | None, int, int, list[str]]]) -> None:
    """Check cell, lines and names of each chunk."""
    assert chunked.language == "notebook"
    assert expected == [
        (chunk.cell, chunk.start_line, chunk.end_line, [symbol.name for symbol in chunk.symbols])
        for chunk in chunked.chunks
    ]


def test_cells_are_chunked_one_by_one_with_lines_of_their_own():
    text = notebook(
        ("markdown", "# Title\n\nText."),
        ("code", ["import os\n", "\n", "def f():\n", "    return 1\n"]),
        ("code", ""),
        ("raw", "some words"),
        ("code", "class A:\n    x = 1"),
    )
    expected = [(0, 0, 3, ["Title"]), (1, 0, 4, ["f"]), (3, 0, 1, []), (4, 0, 2, ["A", "x"])]
    check(chunk_file("a.ipynb", text), expected)
    assert "output" not in "".join(chunk.text for chunk in chunk_file("a.ipynb", text).chunks)


def test_code_is_read_in_the_language_of_the_kernel():
    text = notebook(("code", "fn main() {}"), kernelspec={"name": "rust", "language": "rust"})
    check(chunk_file("a.ipynb", text), [(0, 0, 1, ["main"])])
    text = notebook(("code", "function f() {}"), language_info={"name": "javascript"})
    check(chunk_file("a.ipynb", text), [(0, 0, 1, ["f"])])
    text = notebook(("code", "def f(): pass"), kernelspec={"name": "python3", "display_name": "Python 3"})
    check(chunk_file("a.ipynb", text), [(0, 0, 1, ["f"])])


def test_a_large_cell_gives_several_chunks():
    text = notebook(("code", "\n".join(f"value_{number} = compute({number})" for number in range(200))))
    chunked = chunk_file("a.ipynb", text)
    assert len(chunked.chunks) > 2
    assert {chunk.cell for chunk in chunked.chunks} == {0}


def test_broken_notebooks_are_chunked_by_lines_and_say_so():
    for text in ('{"cells": [', "", "[]", '{"cells": 3}', "[" * 100_000, '{"a": 1}'):
        chunked = chunk_file("a.ipynb", text)
        assert chunked.language == "text"
        assert len(chunked.problems) == 1
        assert all(chunk.cell is None for chunk in chunked.chunks)


def test_odd_cells_are_passed_over():
    text = json.dumps({"cells": [None, 3, {"cell_type": "code"}, {"cell_type": 1, "source": ["x", 2]}], "metadata": []})
    check(chunk_file("a.ipynb", text), [(3, 0, 1, [])])


def test_only_sources_count_as_a_notebooks_size():
    assert source_bytes(notebook(("code", "x = 1\n"), ("markdown", ["# ", "é"]), ("code", ""))) == 6 + 4
    assert source_bytes('{"cells": [') == len('{"cells": [')
