"""The chunks of a file partition its lines, whatever the text."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cognate
from cognate.chunking import chunk_file
from cognate.types import SYMBOL_KINDS, ChunkedFile

SUFFIXES = [
    *(
        "py",
        "js",
        "tsx",
        "go",
        "rs",
        "java",
        "cpp",
        "rb",
        "hs",
        "html",
        "css",
        "sql",
        "yaml",
        "json",
        "md",
        "txt",
        "pl",
    ),
    *("cbl", "f", "sv", "vhd", "m", "scss", "ex", "ml", "mli", "r", "clj", "erl", "adb", "awk", "cmake", "d", "dart"),
    *(
        "dockerfile",
        "el",
        "elm",
        "fish",
        "fs",
        "fsi",
        "gd",
        "gleam",
        "ha",
        "glsl",
        "gradle",
        "graphql",
        "hlsl",
        "ini",
        "lisp",
    ),
    *("mk", "nim", "nix", "pas", "proto", "ps1", "purs", "rkt", "rst", "scm", "sol", "tcl", "tex", "tf", "thrift"),
    *("toml", "vim", "wgsl"),
]
WORDS = st.sampled_from(
    ["def f(x):", "class A {", "}", "    ", "\t", "(", ")", "x = 1;", "# c", "//", "/*", "*/", '"""', "'", "`", "${",
     "<a>", "fn g() {", "if x:", "else:", "- a", "```", "## T", "===", "\x0c", "\u2028", "\x00", "é", "end", "{", "[",
     "]", ","]
)  # fmt: skip
MIXED_SUFFIXES = [
    "vue", "svelte", "astro", "html", "php", "erb", "js.erb", "ejs", "eex", "j2", "yml.j2", "hbs", "md", "mdx", "qmd"
]  # fmt: skip
MIXED_WORDS = st.sampled_from(
    ["<script>", "<script lang='ts'>", "<script type='text/html'>", "</script>", "<style lang=scss>", "</style>",
     "<template>", "</template>", "<?php", "<?=", "?>", "<%", "<%=", "<%#", "%>", "-%>", "{%", "%}", "{{", "}}", "{#",
     "#}", "{% block a %}", "{% endblock %}", "{% macro m(x) %}", "{% endmacro %}", "---", "```js", "~~~python",
     "> ```ts", "  ```rb", "```", "import x from 'y'", "export const f = () => {", "function f(a) {", "<div id='x'>",
     "</div>", "<!--", "-->", "{#if a}", "{/if}", ".a { b: c }"]
)  # fmt: skip
NEWLINES = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
MIXED_TEXTS = st.lists(st.one_of(WORDS, MIXED_WORDS, MIXED_WORDS, NEWLINES, NEWLINES), max_size=120).map("".join)
TEXTS = st.lists(st.one_of(WORDS, NEWLINES), max_size=120).map("".join)
REAL_FILES = sorted(Path(cognate.__file__).parent.rglob("*.py"))


def check(path: str, text: str, max_chars: int = 1500) -> ChunkedFile:
    """Chunk a text and check everything that holds for every text."""
    chunked = chunk_file(path, text, max_chars=max_chars)
    lines = re.split("\r\n|\r|\n", text)
    end = 0
    for chunk in chunked.chunks:
        assert end <= chunk.start_line < chunk.end_line <= len(lines)
        assert not any(line.strip() for line in lines[end : chunk.start_line])
        assert chunk.text == "\n".join(lines[chunk.start_line : chunk.end_line])
        assert len(chunk.text) <= max_chars or chunk.end_line - chunk.start_line == 1
        assert lines[chunk.start_line].strip()
        assert lines[chunk.end_line - 1].strip()
        for symbol in chunk.symbols:
            assert chunk.start_line <= symbol.start_line < chunk.end_line
            assert symbol.start_line < symbol.end_line <= len(lines)
            assert symbol.kind in SYMBOL_KINDS
            assert symbol.name
        end = chunk.end_line
    assert not any(line.strip() for line in lines[end:])
    starts = [symbol.start_line for chunk in chunked.chunks for symbol in chunk.symbols]
    assert starts == sorted(starts)
    return chunked


@pytest.mark.parametrize("max_chars", [1500, 200, 1])
def test_real_files_are_partitioned(max_chars: int):
    for path in REAL_FILES:
        check(path.as_posix(), path.read_text(encoding="utf-8"), max_chars)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SUFFIXES), TEXTS, st.sampled_from([1500, 60, 10]))
def test_any_text_is_partitioned_in_any_language(suffix: str, text: str, max_chars: int):
    check(f"file.{suffix}", text, max_chars)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MIXED_SUFFIXES), MIXED_TEXTS, st.sampled_from([1500, 60, 10]))
def test_any_mix_of_languages_is_partitioned(suffix: str, text: str, max_chars: int):
    check(f"file.{suffix}", text, max_chars)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SUFFIXES), st.text(max_size=300))
def test_any_characters_are_partitioned(suffix: str, text: str):
    check(f"file.{suffix}", text, 40)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_characters_beyond_all_scripts_are_partitioned_in_any_language(suffix: str):
    for character in ("\U00030000", "\U000c8250", "\U0010ffff"):
        check(f"file.{suffix}", f'{character} x = "{character}"\n{character}1', 40)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_endings_do_not_change_the_chunks(newline: str):
    text = REAL_FILES[0].parent.joinpath("types.py").read_text(encoding="utf-8")
    assert check("types.py", text.replace("\n", newline)).chunks == check("types.py", text).chunks


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\t\r\n \x0c\n", "\ufeff"])
def test_a_text_without_content_is_no_trouble(text: str):
    for suffix in SUFFIXES:
        assert len(check(f"file.{suffix}", text).chunks) <= 1


def test_a_byte_order_mark_hides_no_definition():
    chunked = check("a.py", "\ufeffdef f():\n    pass\n")
    assert [symbol.name for symbol in chunked.chunks[0].symbols] == ["f"]


def test_form_feeds_and_line_separators_end_no_line():
    chunked = check("a.py", 'x = "a\u2028b"\n\x0c\ndef f():\n    pass\n')
    assert [symbol.start_line for symbol in chunked.chunks[0].symbols if symbol.name == "f"] == [2]


def test_a_nul_hides_none_of_the_text_behind_it():
    chunked = check("a.py", "x = '\x00'\ndef f():\n    pass\n")
    assert "f" in [symbol.name for symbol in chunked.chunks[0].symbols]


def test_a_syntax_error_leaves_the_definitions_around_it():
    names = "abcdefgh"
    good = [f"def {name}():\n    return {name!r}\n" for name in names]
    text = "\n".join([*good[:4], "class ((( 1 +\n", *good[4:]])
    chunked = check("a.py", text)
    found = {symbol.name for chunk in chunked.chunks for symbol in chunk.symbols}
    assert {"a", "b", "c", "g", "h"} <= found


@pytest.mark.parametrize("suffix", ["py", "js", "json", "c", "go", "html"])
@pytest.mark.parametrize("unit", ["[", "[\n", "{\n", "(", "<a>\n"])
def test_nesting_of_ten_thousand_levels_is_chunked(suffix: str, unit: str):
    closing = {"[": "]", "{": "}", "(": ")", "<": "</a>"}[unit[0]]
    check(f"deep.{suffix}", unit * 10_000 + (closing + "\n") * 10_000)


def test_nesting_that_would_crash_a_parser_is_chunked_by_lines():
    deep = "".join(" " * level + "a:\n" for level in range(400))
    assert check("deep.yaml", deep).problems
    assert check("deep.kt", "val x = " + '"${' * 2000).problems
    assert check("any.pl", "sub f { 1 }").problems


def test_a_parser_that_makes_no_headway_is_given_up():
    assert check("slow.rb", "<!--" * 2000).problems == ("Not parsed: the parser for ruby made no headway.",)


def test_one_line_of_five_megabytes_is_one_chunk_and_a_problem():
    chunked = check("bundle.min.js", "a(1);" * 1_000_000)
    assert len(chunked.chunks) == 1
    assert chunked.problems


def test_a_large_generated_file_is_chunked_by_lines_and_says_so():
    chunked = check("data.py", "X = 1\n" * 400_000)
    assert len(chunked.chunks) > 1000
    assert chunked.problems == ("Not parsed: the file has more than 1,000,000 characters.",)


def test_minified_code_on_few_lines_keeps_its_symbols():
    line = "function a(){return 1};" * 40
    chunked = check("min.js", f"{line}\n{line}\n{line}\n")
    assert [len(chunk.symbols) for chunk in chunked.chunks] == [40, 40, 40]


def test_a_file_without_grammar_is_cut_at_blank_lines():
    paragraph = "\n".join(["some words of prose"] * 20)
    chunked = check("notes.txt", "\n\n".join([paragraph] * 9))
    assert chunked.language == "text"
    assert all(chunk.text.count("\n") % 21 == 19 for chunk in chunked.chunks)


@pytest.mark.parametrize(
    ("path", "language"), [("stack.cr", "crystal"), ("sum.awk", "awk"), ("login.feature", "gherkin")]
)
def test_a_language_without_a_grammar_is_named_and_cut_by_lines(path: str, language: str):
    paragraph = "\n".join(["def push(item) : Nil"] * 20)
    chunked = check(path, "\n\n".join([paragraph] * 9))
    assert (chunked.language, chunked.problems) == (language, ())
    assert len(chunked.chunks) > 1
