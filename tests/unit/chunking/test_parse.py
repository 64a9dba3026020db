import gc
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cognate.chunking
from cognate.chunking import chunk_file, parse
from cognate.chunking.symbols import find_definitions
from cognate.languages.registry import DEFINITIONS, query_text

ROOM = Path(cognate.chunking.__file__).parent


def check_imports(statement: str, absent: list[str]) -> None:
    code = f"import sys; {statement}; sys.exit(any(name in sys.modules for name in {absent!r}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_the_room_loads_no_grammar():
    check_imports("import cognate.chunking", ["tree_sitter", "tree_sitter_language_pack"])


def test_one_file_imports_tree_sitter():
    users = [
        path.name
        for path in ROOM.rglob("*.py")
        if "import tree_sitter" in (text := path.read_text()) or "from tree_sitter" in text
    ]
    assert users == ["parse.py"]


def test_threads_parse_side_by_side():
    files = [(f"a{number}.{suffix}", f"x = {number}\n" * 50) for number in range(20) for suffix in ("py", "js", "go")]
    with ThreadPoolExecutor(4) as pool:
        parallel = list(pool.map(lambda file: chunk_file(*file), files))
    assert parallel == [chunk_file(*file) for file in files]


def test_an_edited_text_can_be_parsed_with_its_old_tree():
    old, new = b"def f():\n    pass\n", b"def ff():\n    pass\n"
    tree = parse.parse("python", old)
    assert tree is not None
    tree.edit(5, 5, 6, (0, 5), (0, 5), (0, 6))
    edited = parse.parse("python", new, tree)
    assert edited is not None
    found = find_definitions(parse.run_query("python", query_text("python", DEFINITIONS), edited), new)
    assert [definition.name for definition in found] == ["ff"]


def test_an_unknown_grammar_gives_no_tree():
    assert parse.parse("klingon", b"") is None


def test_a_text_is_let_go_once_its_tree_is():
    def parse_one(number: int) -> None:
        assert parse.parse("python", b"def f(a):\n    return a\n" * 5_000 + b"# %d" % number)

    parse_one(0)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(20):
            parse_one(number)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000, "twenty texts of 115,000 bytes were parsed"
