"""Every language is whole, or this page says what it lacks."""

import hashlib
import json
import re
import typing

import pytest
from tree_sitter import Query
from tree_sitter_language_pack import SupportedLanguage, get_language

from cognate.chunking import chunk_file
from cognate.chunking.symbols import CONDITIONS
from cognate.embedding.text import TEXT_VERSION
from cognate.languages import registry
from cognate.languages.entries import PLAIN, ROOM
from cognate.languages.imports import READERS
from cognate.languages.registry import (
    DEFINITIONS,
    INJECTIONS,
    LANGUAGES,
    REFERENCES,
    WITH_FOLDER,
    query_text,
)
from cognate.types import SYMBOL_KINDS

BY_TAGS = "aliases comments definitions references family imports import_starts keywords"
LACKS = {
    "ada": "aliases imports import_starts keywords",
    "arduino": "import_starts keywords",
    "astro": "aliases references family imports import_starts keywords",
    "bash": "imports import_starts",
    "c": "aliases",
    "capnp": "aliases references family imports import_starts keywords",
    "clojure": "imports",
    "cmake": "aliases references family imports import_starts keywords",
    "cobol": "aliases comments references family imports import_starts keywords",
    "commonlisp": "imports import_starts keywords",
    "cpp": "aliases",
    "csharp": "imports",
    "css": "aliases references family imports import_starts keywords",
    "cuda": "",
    "d": "keywords",
    "dart": "aliases keywords",
    "dockerfile": "references family imports import_starts keywords",
    "eex": BY_TAGS.removeprefix("aliases "),
    "ejs": BY_TAGS,
    "elisp": "import_starts keywords",
    "elixir": "imports",
    "elm": "aliases keywords",
    "erb": BY_TAGS.removeprefix("aliases "),
    "erlang": "",
    "fennel": "references family imports import_starts keywords",
    "fish": "aliases references family imports import_starts keywords",
    "fortran": "comments",
    "fsharp": "import_starts keywords",
    "fsharp_signature": "aliases imports import_starts keywords",
    "gdscript": "imports import_starts keywords",
    "gleam": "aliases keywords",
    "glsl": "import_starts keywords",
    "go": "",
    "graphql": "references family imports import_starts keywords",
    "groovy": "keywords",
    "handlebars": BY_TAGS.removeprefix("aliases "),
    "hare": "aliases keywords",
    "haskell": "",
    "hcl": "aliases references family imports import_starts keywords",
    "hlsl": "import_starts keywords",
    "html": "aliases references family imports import_starts keywords",
    "ini": "references family imports import_starts keywords",
    "java": "aliases",
    "javascript": "",
    "jinja": BY_TAGS.removeprefix("aliases "),
    "json": "references family imports import_starts keywords",
    "julia": "",
    "kotlin": "",
    "latex": "references family imports import_starts keywords",
    "liquid": BY_TAGS,
    "lua": "aliases",
    "luau": "aliases imports",
    "make": "references family imports import_starts keywords",
    "matlab": "suffixes references family imports import_starts keywords",
    "nim": "aliases keywords",
    "nix": "aliases import_starts keywords",
    "objc": "",
    "ocaml": "aliases comments imports import_starts",
    "ocaml_interface": "aliases comments imports import_starts",
    "pascal": "import_starts keywords",
    "perl": "references family imports",
    "php": "aliases",
    "powershell": "imports import_starts keywords",
    "prisma": "aliases references family imports import_starts keywords",
    "properties": "references family imports import_starts keywords",
    "proto": "keywords",
    "purescript": "keywords",
    "python": "",
    "r": "import_starts",
    "racket": "import_starts keywords",
    "rst": "comments references family imports import_starts keywords",
    "ruby": "",
    "rust": "",
    "scala": "aliases",
    "scheme": "imports import_starts keywords",
    "scss": "aliases references family imports import_starts",
    "solidity": "keywords",
    "sql": "aliases references family imports import_starts",
    "starlark": "references family imports import_starts keywords",
    "svelte": "aliases references family imports import_starts keywords",
    "swift": "aliases imports",
    "tcl": "aliases references family imports import_starts keywords",
    "terraform": "references family imports import_starts keywords",
    "thrift": "aliases import_starts keywords",
    "toml": "aliases references family imports import_starts keywords",
    "tsx": "",
    "typescript": "",
    "verilog": "",
    "vhdl": "aliases imports",
    "vim": "comments references family imports import_starts keywords",
    "vue": "references family imports import_starts keywords",
    "wgsl": "aliases references family imports import_starts keywords",
    "yaml": "references family imports import_starts keywords",
    "zig": "aliases imports import_starts",
}
"""Language → what it has not got. Some of it is not missed: nobody calls C by another name."""

CAPTURES = {
    DEFINITIONS: SYMBOL_KINDS
    | {
        "attached",
        "callable",
        "container",
        "equation",
        "import",
        "local",
        "member",
        "name",
        "prototype",
        "scope",
        "untyped",
    },
    REFERENCES: {"code", "imported", "opaque"},
    INJECTIONS: {"injection.content", "injection.language"},
}
NAME_ONLY = {
    "aliases", "claims", "comments", "dialect_of", "files", "grammar", "has_conditionals", "has_macros", "interpreters",
    "never_parsed", "suffixes", "template", "title", "without_grammar"
}  # fmt: skip
KEYWORDS_OF_TEXT_VERSION = {1: "4d5f6f8d3fcc4d45"}


def lacks(name: str) -> str:
    language = LANGUAGES[name]
    has = {
        "title": language.title,
        "aliases": language.aliases,
        "suffixes": language.suffixes,
        "comments": language.comments,
        "definitions": query_text(name, DEFINITIONS) or registry.outline_entry(name),
        "references": query_text(name, REFERENCES),
        "family": language.family,
        "imports": language.import_style,
        "import_starts": language.import_starts,
        "keywords": language.keywords,
    }
    return " ".join(part for part, value in has.items() if not value)


def test_what_each_language_lacks_is_known():
    assert {name: lacks(name) for name in sorted(WITH_FOLDER)} == LACKS


def test_every_folder_is_a_language():
    folders = {path.name for path in ROOM.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == WITH_FOLDER


def test_a_language_stands_in_one_place_only():
    assert WITH_FOLDER.isdisjoint(json.loads((ROOM / PLAIN).read_bytes()))


def test_a_language_without_queries_is_told_by_names_alone():
    for name, entry in json.loads((ROOM / PLAIN).read_bytes()).items():
        assert set(entry) <= NAME_ONLY, name


def test_every_language_has_a_grammar_or_says_that_it_has_none():
    without = {name for name, language in LANGUAGES.items() if language.without_grammar}
    read_otherwise = {name for name, entry in LANGUAGES.items() if entry.template or entry.dialect_of == "markdown"}
    read = {LANGUAGES[name].grammar or name for name in set(LANGUAGES) - read_otherwise - without}
    assert read - {registry.NOTEBOOK} <= set(typing.get_args(SupportedLanguage))
    assert without.isdisjoint(typing.get_args(SupportedLanguage)), "the pack has a grammar by now"


@pytest.mark.parametrize("file", [path.relative_to(ROOM).as_posix() for path in sorted(ROOM.rglob("*.scm"))])
def test_every_query_fits_its_grammar_and_captures_what_is_read(file: str):
    name, _, kind = file.removesuffix(".scm").partition("/")
    if kind == "shared":  # Part of the definitions of several languages.
        kind = DEFINITIONS
    text = query_text(name, kind)
    assert "include:" not in text
    query = Query(get_language(typing.cast("typing.Any", name)), text)
    captures = {query.capture_name(number) for number in range(query.capture_count)}
    assert {capture for capture in captures if not capture.startswith(CONDITIONS)} <= CAPTURES[kind]


OUTLINES = sorted(path.parent.name for path in ROOM.rglob("outline.json"))


@pytest.mark.parametrize("name", OUTLINES)
def test_every_outline_says_what_is_read(name: str):
    entry = registry.outline_entry(name)
    assert set(entry) <= {"attached", "blank", "blank_for_parser", "definitions"}
    for row in entry["definitions"]:
        assert set(row) <= {"begin", "end", "kind"}
        assert row["kind"] in SYMBOL_KINDS | {"callable"}
        begin = re.compile(row["begin"].encode(), re.MULTILINE)
        assert "name" in begin.groupindex
        assert begin.groups == len(begin.groupindex), "a group that nobody reads"
        re.compile(row.get("end", "").replace("{indent}", "").encode(), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(name for name in LANGUAGES if LANGUAGES[name].never_parsed))
def test_a_language_that_is_never_parsed_has_no_queries(name: str):
    assert not query_text(name, DEFINITIONS) + query_text(name, REFERENCES)


def test_every_file_of_queries_is_used():
    included = set(
        re.findall(r"^; include: (\S+)$", "\n".join(p.read_text() for p in ROOM.rglob("*.scm")), re.MULTILINE)
    )
    for path in ROOM.rglob("*.scm"):
        assert path.stem in {DEFINITIONS, REFERENCES, INJECTIONS} or path.relative_to(ROOM).as_posix() in included


@pytest.mark.parametrize("words", ["suffixes", "files", "interpreters", "aliases"])
def test_no_two_languages_claim_the_same(words: str):
    claimed = [word for language in LANGUAGES.values() for word in getattr(language, words)]
    assert sorted(claimed) == sorted(set(claimed))
    assert [word for word in claimed if word != word.lower()] == []


def test_no_alias_is_the_name_of_another_language():
    assert [alias for language in LANGUAGES.values() for alias in language.aliases if alias in LANGUAGES] == []


@pytest.mark.parametrize("name", sorted(WITH_FOLDER))
def test_an_entry_agrees_with_its_queries_and_with_others(name: str):
    language = LANGUAGES[name]
    references = query_text(name, REFERENCES)
    assert bool(language.family) == bool(references)
    assert language.family in {"", *WITH_FOLDER}
    assert language.dialect_of in {"", *LANGUAGES}
    assert ("@imported" in references) == bool(language.import_style)
    assert language.import_style in {"", *READERS}
    assert language.modules.named_by in {"stem", "path", "folder"}
    assert language.family in {"", name} or not language.package_manager, "the family's name has it"


def test_keywords_change_with_the_version_of_the_embedding_text():
    digest = hashlib.sha256(" ".join(sorted(registry.KEYWORDS)).encode()).hexdigest()
    assert digest[:16] == KEYWORDS_OF_TEXT_VERSION[TEXT_VERSION]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("py", "python"),
        ("C++", "cpp"),
        ("c#", "csharp"),
        ("typescriptreact", "tsx"),
        ("shellscript", "bash"),
        ("Go", "go"),
        ("python3", "python"),
        ("go.mod", "gomod"),
        ("Objective C", "objc"),
        ("objective-cpp", "objc"),
        ("emacs-lisp", "elisp"),
        ("protobuf", "proto"),
        ("docker", "dockerfile"),
        ("hpp", "cpp"),
        ("plaintext", "text"),
        ("klingon", "klingon"),
        ("", ""),
    ],
)
def test_people_and_editors_call_languages_by_many_names(said: str, name: str):
    assert registry.language_name(said) == name


def test_what_nobody_calls_a_language_is_none():
    assert [name for name in ("klingon", "", "123", "+", "pythonish") if registry.is_language(name)] == []
    assert all(map(registry.is_language, ("Python 3", "text", "yml", "makefile")))


def test_who_asks_for_a_language_means_its_dialects_too():
    assert registry.with_dialects({"ts"}) == {"typescript", "tsx"}
    assert registry.with_dialects({"tsx"}) == {"tsx"}
    assert registry.with_dialects({"shell", "py"}) == {"bash", "fish", "python"}
    assert registry.with_dialects({"hcl"}) == {"hcl", "terraform"}


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.h", "struct a;\n", "c"),
        ("A.H", "int a;\nnamespace b {}\n", "cpp"),
        ("a.c", "namespace b {}\n", "c"),
        ("a.h", "struct Shape {};\nstruct Circle : Shape {};\n", "cpp"),
        ("a.h", "class KV_EXPORT Options\n{\n};\n", "cpp"),
        ("a.h", "struct flags { unsigned a : 1; };\n/* @class of things */\n", "c"),
        ("a.h", "#import <UIKit/UIKit.h>\n@interface View : UIView\n@end\n", "objc"),
        ("a.h", "#include <vector>\n@interface View : NSObject\n@property (nonatomic) int n;\n@end\n", "objc"),
        ("a.v", "module main\n\nfn main() {\n}\n", "v"),
        ("a.v", "`timescale 1ns/1ps\nmodule adder(input a);\nendmodule\n", "verilog"),
        ("a.v", "Require Import List.\nLemma app_nil : True.\n", "coq"),
        ("a.m", '#import "View.h"\n@implementation View\n@end\n', "objc"),
        ("a.m", "@implementation Sorter\n- (int) run\n{\n  return\n(*first)(self);\n}\n@end\n", "objc"),
        ("a.m", "classdef Filter < handle\nend\n", "matlab"),
        ("a.m", 'BeginPackage["Tools`"]\n', "mathematica"),
        ("a.pl", "use strict;\nsub run { return 1; }\n", "perl"),
        ("a.pl", "parent(tom, bob).\nolder(X, Y) :- parent(X, Y).\n", "prolog"),
        ("a.pm", "use v6;\nunit class Tools;\n", "raku"),
        ("a.cl", "(defun add (a b) (+ a b))\n", "commonlisp"),
        ("a.cl", "kernel void add(global float *a) {}\n", "opencl"),
        ("a.cls", "\\\\NeedsTeXFormat{LaTeX2e}\n", "latex"),
        ("a.cls", 'VERSION 1.0 CLASS\nAttribute VB_Name = "A"\n', "vb"),
        ("a.cls", "@IsTest\nprivate class AccountTest {\n}\n", "apex"),
        ("a.fs", "module Tools\nlet add a b = a + b\n", "fsharp"),
        ("a.fs", "precision mediump float;\nvoid main() {}\n", "glsl"),
        ("a.fs", ": square ( n -- n ) dup * ;\n", "forth"),
        ("a.ts", "export const header = '<?xml version=\"1.0\"?>';\n", "typescript"),
        ("a.ts", "\n<!DOCTYPE TS>\n<TS></TS>\n", "xml"),
        ("a.pp", "class web {\n  package { 'nginx': }\n}\n", "puppet"),
        ("a.pp", "program Sort;\nbegin\nend.\n", "pascal"),
        ("a.inc", "<?php\nfunction run() {}\n", "php"),
        ("a.inc", "#define LIMIT 3\n", "c"),
        ("a.inc", "nothing that tells\n", "text"),
        ("a.mod", "IMPLEMENTATION MODULE Lists;\nEND Lists.\n", "modula2"),
        ("a.mod", '<!ENTITY % block "p">\n', "xml"),
    ],
)
def test_a_file_with_a_shared_suffix_is_what_its_text_shows(path: str, text: str, language: str):
    named = registry.language_of(path) or registry.TEXT
    assert registry.refine(named, path, text) == language


def test_a_language_without_a_grammar_is_cut_by_lines():
    chunked = chunk_file("family.pl", "older(X, Y) :- parent(X, Y).\n")
    assert (chunked.language, chunked.problems, len(chunked.chunks)) == ("prolog", (), 1)


def test_a_language_may_be_read_by_the_grammar_of_another():
    (chunk,) = chunk_file("scale.cl", "kernel void scale(global float *a) {\n  a[0] *= 2;\n}\n").chunks
    assert [(symbol.kind, symbol.name) for symbol in chunk.symbols] == [("function", "scale")]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ts", "typescript"),
        ("less", "scss"),
        ("python3", "python"),
        ("C++", "cpp"),
        ("text/javascript", "javascript"),
        ("text/x-python", "python"),
        ("application/ld+json", "json"),
        ("text/html; charset=utf-8", "html"),
        ("text/x-klingon", None),
        ("console", None),
        ("", None),
    ],
)
def test_a_part_of_a_file_names_its_language_by_name_suffix_or_media_type(word: str, name: str | None):
    assert registry.called_language(word) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("views/show.html.erb", "html"),
        ("views/show.erb", "html"),
        ("views/create.js.erb", "javascript"),
        ("Dockerfile.j2", "dockerfile"),
        ("a.erb.j2", "html"),
        ("a.ipynb.j2", "html"),
        ("b.html", "html"),
    ],
)
def test_the_text_around_tags_is_in_the_language_that_the_rest_of_the_name_says(path: str, name: str):
    language = registry.language_of(path)
    assert language is not None
    assert registry.text_language(language, path) == name


def test_who_asks_for_html_or_markdown_means_templates_and_mdx_too():
    assert {"html", "erb", "jinja", "twig"} <= registry.with_dialects({"html"})
    assert {"markdown", "mdx"} <= registry.with_dialects({"md"})
    assert registry.with_dialects({"vue"}) == {"vue"}
