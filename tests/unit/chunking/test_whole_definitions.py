"""What belongs together stays together: definitions, headers, comments, and rests of one line."""

from textwrap import dedent, indent

import pytest

from cognate.chunking import chunk_file
from cognate.types import Chunk


def chunks_of(text: str, path: str = "a.py", max_chars: int = 1500) -> tuple[Chunk, ...]:
    return chunk_file(path, dedent(text), max_chars=max_chars).chunks


def check(text: str, together: str, path: str = "a.py", max_chars: int = 1500) -> None:
    """Check that the lines of ``together`` stand in one chunk of the text, which does not fit into one."""
    chunks = chunks_of(text, path, max_chars)
    assert len(chunks) > 1
    wanted = dedent(together).strip("\n")
    assert sum(wanted in dedent(chunk.text) or wanted in chunk.text for chunk in chunks) == 1, [c.text for c in chunks]


def statements(count: int, name: str = "value") -> str:
    return "".join(f"    {name}_{number} = compute({number}, {number + 1})\n" for number in range(count))


def test_functions_are_bundled_but_never_cut():
    functions = [f"def f{number}(x):\n" + statements(number % 30 + 1) for number in range(40)]
    chunks = chunks_of("\n\n".join(functions))
    for number, function in enumerate(functions):
        assert sum(function.rstrip() in chunk.text for chunk in chunks) == 1
        assert sum(f"f{number}" in [s.name for s in chunk.symbols] for chunk in chunks) == 1
    assert len(chunks) < 40


def test_a_method_that_fits_stays_whole_in_a_class_that_does_not():
    methods = [f"def m{number}(self):\n" + statements(12) for number in range(6)]
    text = "class Big:\n" + "\n".join(indent(method, "    ") for method in methods)
    for method in methods:
        check(text, indent(method, "    ").strip())
    assert {chunk.container for chunk in chunks_of(text)[1:]} == {"Big"}


def test_a_decorator_and_a_doc_comment_stay_with_their_definition():
    text = (
        "x = 1\n"
        + statements(50).replace("    ", "")
        + "# Why f.\n# And how.\n@cache\n@other(1)\ndef f():\n"
        + statements(20)
    )
    check(text, "# Why f.\n# And how.\n@cache\n@other(1)\ndef f():\n    value_0 = compute(0, 1)")


def test_a_comment_behind_a_blank_line_may_stay_behind():
    text = "# About the file.\n\n" + "def f():\n" + statements(45)
    assert "# About the file." in chunks_of(text)[0].text


def test_the_header_of_a_large_function_keeps_docstring_and_first_statement():
    text = (
        'import os\n\n\n@cache\ndef f(\n    a,\n    b,\n):\n    """Say why.\n\n    At length.\n    """\n'
        + statements(80)
    )
    check(
        text,
        '@cache\ndef f(\n    a,\n    b,\n):\n    """Say why.\n\n    At length.\n    """\n    value_0 = compute(0, 1)',
    )


def test_the_header_of_a_large_class_keeps_docstring_and_first_members():
    methods = "\n".join(indent(f"def m{number}(self):\n" + statements(20), "    ") for number in range(6))
    check(
        f'class Big(Base):\n    """Doc."""\n\n    limit = 3\n\n{methods}',
        'class Big(Base):\n    """Doc."""\n\n    limit = 3',
    )


def test_a_header_stands_alone_where_its_first_member_leaves_no_room():
    method = indent("def m(self):\n" + statements(39), "    ")
    text = "class Big:\n" + method + "\n" + method.replace("m(", "n(")
    check(text, method.strip())


def test_the_header_of_a_large_javascript_function_keeps_its_first_statement():
    body = "".join(f"  const value{number} = compute({number})\n" for number in range(80))
    text = f"const a = 1\n\n/** Doc. */\nexport const run = async (\n  x,\n  y\n) => {{\n{body}}}\n"
    check(text, "/** Doc. */\nexport const run = async (\n  x,\n  y\n) => {\n  const value0 = compute(0)", "a.js")


def test_annotations_and_attributes_stay_with_their_definition():
    body = "".join(f"    let value{number} = compute({number});\n" for number in range(60))
    text = f"use a::b;\n\n/// Doc.\n#[inline]\n#[must_use]\npub fn run() {{\n{body}}}\n"
    check(text, "/// Doc.\n#[inline]\n#[must_use]\npub fn run() {\n    let value0 = compute(0);", "a.rs")
    body = "".join(f"    int value{number} = compute({number});\n" for number in range(70))
    text = f"import a.b;\n\n/** Doc. */\n@Service\n@Other(1)\npublic class A {{\n{body}}}\n"
    check(text, "/** Doc. */\n@Service\n@Other(1)\npublic class A {\n    int value0 = compute(0);", "A.java")


def test_a_haskell_signature_stays_with_its_equations():
    filler = "".join(f"value{number} = compute {number}\n\n" for number in range(60))
    text = f"{filler}-- | Doc.\nlookup :: Int -> Int\nlookup 0 = 1\nlookup n =\n  n + 1\n\n{filler}"
    check(text, "-- | Doc.\nlookup :: Int -> Int\nlookup 0 = 1\nlookup n =\n  n + 1", "A.hs")


def test_a_large_branch_starts_with_its_condition():
    text = "def f():\n" + statements(30) + "    if ready:\n" + indent(statements(40, "inner"), "    ") + "    else:\n"
    text += indent(statements(40, "other"), "    ")
    check(text, "    if ready:\n        inner_0 = compute(0, 1)")
    check(text, "    else:\n        other_0 = compute(0, 1)")


def test_a_closing_line_joins_what_it_closes():
    body = "".join(f"  const value{number} = compute({number})\n" for number in range(120))
    chunks = chunks_of(f"function run() {{\n{body}}}\n", "a.js")
    assert len(chunks) > 1
    assert all(chunk.end_line - chunk.start_line > 1 for chunk in chunks)
    assert chunks[-1].text.endswith("}")


def test_links_of_a_long_call_chain_are_bundled():
    links = "".join(f"  .then((value{number}) => {{\n    use({number})\n  }})\n" for number in range(120))
    chunks = chunks_of(f"promise\n{links}", "a.js")
    assert len(chunks) < 10


def test_a_string_larger_than_a_chunk_is_cut_between_lines():
    text = 'x = """\n' + "some words of prose\n" * 300 + '"""\n\n\ndef f():\n    return x\n'
    chunks = chunks_of(text)
    assert len(chunks) > 3
    check(text, "def f():\n    return x")


def test_code_after_a_large_definition_begins_a_new_chunk():
    text = "class Big:\n" + "\n".join(indent(f"def m{n}(self):\n" + statements(10), "    ") for n in range(6))
    text += "\n\ndef after():\n    first = 1\n    return first\n"
    last = chunks_of(text)[-1]
    assert last.text.startswith("def after")
    assert last.container == ""


def test_a_chunk_inside_a_function_knows_where_it_is():
    text = "class A:\n    def run(self):\n" + indent(statements(100), "    ")
    chunks = chunks_of(text)
    assert [chunk.container for chunk in chunks] == ["", *["A.run"] * (len(chunks) - 1)]
    assert [symbol.name for symbol in chunks[0].symbols] == ["A", "run"]


def test_the_lines_of_a_symbol_leave_out_comment_and_decorators():
    (chunk,) = chunks_of("# Doc.\n@cache\ndef f():\n    return 1\n")
    (symbol,) = chunk.symbols
    assert (symbol.start_line, symbol.end_line) == (2, 4)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.dart", "int sum(int a) {\n  return a;\n}\nint other() => 1;\n"),
        ("a.dart", "class A {\n  int sum(int a) {\n    return a;\n  }\n}\n"),
        ("a.fs", "let rec sum a =\n    a\nand other b =\n    b\n"),
    ],
)
def test_a_definition_reaches_to_the_end_of_a_body_that_stands_beside_its_signature(path: str, text: str):
    symbols = [symbol for chunk in chunk_file(path, text).chunks for symbol in chunk.symbols]
    lines = text.split("\n")
    (found,) = [symbol for symbol in symbols if symbol.name == "sum"]
    assert "sum" in lines[found.start_line]
    assert lines[found.end_line - 1].strip() in {"}", "a"}
    assert not any(symbol.container == "sum" for symbol in symbols)
