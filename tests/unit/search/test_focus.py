from cognate.chunking import chunk_file
from cognate.search.focus import focus_line, preview, symbol_at
from cognate.search.query import read_query
from cognate.types import Chunk, Symbol


def check(query: str, text: str, expected: str, symbols: tuple[Symbol, ...] = ()) -> None:
    chunk = Chunk(10, 10 + text.count("\n") + 1, text, symbols)
    line = focus_line(read_query(query), chunk, {})
    assert text.split("\n")[line - 10].strip() == expected


def test_the_line_with_what_was_typed_answers():
    check(
        "os.path.join",
        "import os\nfrom os.path import join\nx = join(a)\ny = os.path.join(a, b)",
        "y = os.path.join(a, b)",
    )


def test_the_line_with_most_of_the_words_answers():
    check("retry after timeout", "timeout = 3\n\nif timeout: retry()\nretry()", "if timeout: retry()")


def test_of_lines_that_answer_alike_the_first_does():
    check("retry", "x = 1\na = retry(1)\nb = retry(2)\nc = retry(3)", "a = retry(1)")


def test_a_word_is_found_in_another_form_than_it_was_typed():
    check("policies", "a = 1\nretry = policy\nb = 2", "retry = policy")
    check("retry policy", "policies = 3\n\nretry_policies()\nretry()", "retry_policies()")


def test_code_answers_before_a_comment_and_an_import():
    check("parse header", "import parse_header\n# parse the header\nparse_header(x)", "parse_header(x)")


def test_without_a_word_in_common_the_first_definition_answers():
    check("zebra", "x = 1\ndef f():\n    pass", "def f():", (Symbol("f", "function", "", 11, 13),))


def test_without_words_and_definitions_the_first_line_with_text_answers():
    check("zebra", "\n\n  x = 1\ny = 2", "x = 1")


def test_the_preview_stays_inside_the_chunk():
    chunk = Chunk(5, 8, "a\nb\nc")
    assert preview(chunk, 7) == "a\nb\nc"


def test_the_innermost_definition_around_a_line_is_named():
    outer, inner = Symbol("A", "class", "", 0, 9), Symbol("f", "method", "A", 2, 5)
    chunk = Chunk(0, 9, "\n" * 8, (outer, inner))
    assert symbol_at(chunk, 3) is inner
    assert symbol_at(chunk, 8) is outer


def test_a_line_above_a_definition_belongs_to_it_only_if_it_is_attached():
    text = "if checking:\n    STRICT_MODE = True\n@cached(\n    limit=3)\ndef unrelated():\n    return 1\n"
    (chunk,) = chunk_file("a.py", text).chunks
    names = [symbol.name if (symbol := symbol_at(chunk, line)) else None for line in range(6)]
    assert names == [None, None, "unrelated", "unrelated", "unrelated", "unrelated"]


def test_a_comment_belongs_to_the_definition_right_below_it():
    (chunk,) = chunk_file("a.go", "package a\n// About f.\nfunc f() {}\n\n// Apart.\n\nfunc g() {}\n").chunks
    names = [symbol.name if (symbol := symbol_at(chunk, line)) else None for line in range(7)]
    assert names == [None, "f", "f", None, None, None, "g"]
