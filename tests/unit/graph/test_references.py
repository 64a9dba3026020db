"""Who refers to whom, from the text of small workspaces; and an edit gives what building anew gives."""

import posixpath
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognate.chunking import chunk_file
from cognate.graph.references import FileFacts, ReferenceGraph
from cognate.graph.view import NO_GRAPH, GraphView, pack, unpack, view_of, with_imported
from cognate.index.entries import Outline
from cognate.indexing.jobs.graph import symbols_of
from cognate.types import References
from fixtures import parse_files


def facts(path: str, text: str) -> FileFacts:
    chunked = chunk_file(path, text)
    return FileFacts(symbols_of(Outline.of(chunk) for chunk in chunked.chunks), chunked.references)


def graph_of(text: str) -> ReferenceGraph:
    graph = ReferenceGraph()
    graph.update({path: facts(path, content) for path, content in parse_files(text).items()})
    graph.resolve()
    return graph


def edges(graph: ReferenceGraph) -> dict[str, float]:
    paths, found = graph.file_edges()
    return {
        f"{paths[a]} -> {paths[b]}": w
        for a, b, w in zip(found.source.tolist(), found.target.tolist(), found.weight.tolist(), strict=True)
    }


def symbol_edges(graph: ReferenceGraph) -> set[str]:
    table, found = graph.symbol_edges()
    return {f"{table.names[a]} -> {table.names[b]}" for a, b in zip(found.source, found.target, strict=True)}


def check(text: str, expected: Iterable[str]) -> None:
    assert set(edges(graph_of(text))) == set(expected)


@pytest.mark.parametrize(
    "text",
    [
        "//- use.py\nfrom lib import load_settings\n//- lib.py\ndef load_settings(): ...\n",
        "//- use.py\nload_settings()\n//- lib.py\ndef load_settings(): ...\n",
        "//- use.ts\nimport { loadSettings } from './lib'\n//- lib.ts\nexport function loadSettings() {}\n",
        "//- use.tsx\nconst a = <Loader b={1}/>\n//- lib.js\nexport class Loader {}\n",
        "//- use.js\nconst x = require('./lib')\n//- lib.js\nmodule.exports = 1\n",
        "//- use.go\npackage a\nfunc F() { LoadSettings() }\n//- lib.go\npackage a\nfunc LoadSettings() {}\n",
        "//- use.rs\nfn main() { load_settings(); }\n//- lib.rs\npub fn load_settings() {}\n",
        "//- src/use.rs\nuse crate::lib_a::Loader;\n//- src/lib_a.rs\npub struct Loader;\n",
        "//- Use.java\nclass Use { Loader x; }\n//- Loader.java\nclass Loader {}\n",
        "//- Use.kt\nval loader = Loader()\n//- Loader.java\nclass Loader {}\n",
        "//- use.c\nint main() { load_settings(); }\n//- lib.c\nvoid load_settings(void) {}\n",
        '//- use.c\n#include "lib.h"\n//- lib.h\n#define A_THING 1\n',
        "//- use.cpp\nint main() { Loader x; }\n//- lib.hpp\nclass Loader { int a; };\n",
        "//- use.rb\nrequire_relative './lib'\n//- lib.rb\nmodule Lib\nend\n",
        "//- use.rb\nLoader.new\n//- lib.rb\nclass Loader\nend\n",
        "//- use.php\n<?php\n$x = new Loader();\n//- lib.php\n<?php\nclass Loader {}\n",
        "//- use.cs\nclass Use { Loader x; }\n//- lib.cs\nclass Loader {}\n",
        "//- use.swift\nlet loader = Loader()\n//- lib.swift\nclass Loader {}\n",
        "//- use.scala\nobject Use { val loader = new Loader }\n//- lib.scala\nclass Loader\n",
        "//- use.lua\nload_settings()\n//- lib.lua\nfunction load_settings() end\n",
        "//- use.sh\nload_settings $x\n//- lib.sh\nload_settings() { echo; }\n",
        "//- use.ex\nLoader.start(1)\n//- lib.ex\ndefmodule Loader do\nend\n",
        "//- use.hs\nmain = loadSettings 1\n//- lib.hs\nloadSettings x = x\n",
        "//- use.ha\nlet x: int = load_settings();\n//- lib.ha\nfn load_settings() int = 1;\n",
        "//- use.zig\nconst x = loadSettings();\n//- lib.zig\npub fn loadSettings() void {}\n",
        "//- lib/use.dart\nimport 'a/lib.dart';\n//- lib/a/lib.dart\nvar x = 1;\n",
        "//- lib/use.dart\nimport 'package:shapes/a/lib.dart';\n//- lib/a/lib.dart\nvar x = 1;\n",
        "//- use.dart\nfinal x = 'a ${loadSettings()}';\n//- lib.dart\nint loadSettings() => 1;\n",
        '//- use.sol\nimport {A} from "./lib.sol";\n//- lib.sol\ncontract A {}\n',
        '//- use.proto\nimport "shapes/lib.proto";\n//- shapes/lib.proto\nmessage A {}\n',
        "//- use.proto\nmessage A { Circle x = 1; }\n//- lib.proto\nmessage Circle {}\n",
        '//- use.thrift\ninclude "lib.thrift"\n//- lib.thrift\nstruct A {}\n',
        "//- Use.elm\nmodule Use exposing (..)\nimport A.Lib\n//- A/Lib.elm\nmodule A.Lib exposing (..)\nx = 1\n",
        "//- Use.purs\nmodule Use where\nimport A.Lib\n//- A/Lib.purs\nmodule A.Lib where\nx = 1\n",
        "//- use.d\nimport a.lib;\n//- a/lib.d\nint x;\n",
        "//- use.fs\nlet x = loadSettings 1\n//- lib.fs\nlet loadSettings a = a\n",
        "//- use.groovy\ndef x = new Loader()\n//- Loader.java\nclass Loader {}\n",
        "//- use.nim\nimport a/lib\n//- a/lib.nim\nlet x = 1\n",
        "//- use.gleam\nimport a/lib\n//- a/lib.gleam\npub fn x() { 1 }\n",
        "//- use.gd\nfunc f():\n\tload_settings()\n//- lib.gd\nfunc load_settings():\n\tpass\n",
        "//- use.el\n(require 'lib)\n//- lib.el\n(defun load-settings () 1)\n",
        "//- use.el\n(load-settings)\n//- lib.el\n(defun load-settings () 1)\n",
        "//- use.lisp\n(load-settings)\n//- lib.lisp\n(defun load-settings () 1)\n",
        "//- use.scm\n(load-settings!)\n//- lib.scm\n(define (load-settings!) 1)\n",
        '//- use.rkt\n(require "lib.rkt")\n//- lib.rkt\n(define (load-settings) 1)\n',
        "//- use.ps1\nGet-Settings 1\n//- lib.ps1\nfunction Get-Settings { }\n",
        "//- Use.pas\nunit Use;\ninterface\nuses Lib;\nimplementation\nend.\n//- Lib.pas\nunit Lib;\nend.\n",
        "//- use.adb\nprocedure Use_It is begin Load_Settings; end Use_It;\n"
        "//- lib.adb\nprocedure Load_Settings is begin null; end Load_Settings;\n",
        "//- use.nix\n{ a = import ./lib.nix; }\n//- lib.nix\nx: x\n",
        '//- use.glsl\n#include "lib.glsl"\n//- lib.glsl\n#define LIMIT 1\n',
        '//- use.hlsl\n#include "lib.hlsl"\n//- lib.hlsl\n#define LIMIT 1\n',
        "//- use.ino\nvoid loop() { loadSettings(); }\n//- lib.cpp\nvoid loadSettings() {}\n",
    ],
)
def test_a_file_refers_to_what_it_uses_in_every_language(text: str):
    use, lib = parse_files(text)
    check(text, [f"{use} -> {lib}"])


@pytest.mark.parametrize(
    "use",
    [
        "//- use.py\n# load_settings\nx = 'load_settings'\n'''load_settings'''\n",
        "//- use.ts\n// load_settings\n/* load_settings */ const x = 'load_settings'"
        " + `load_settings` + /load_settings/.y\n",
        "//- use.tsx\nconst x = <p>load_settings</p>\n",
        '//- use.go\npackage a\n// load_settings\nvar x = "load_settings" + `load_settings`\n',
        '//- use.rs\n/// load_settings\nconst X: &str = "load_settings"; const Y: &str = r#"load_settings"#;\n',
        '//- Use.java\n/** load_settings */ class A { String x = "load_settings", y = """\nload_settings"""; }\n',
        '//- use.c\n// load_settings\n/* load_settings */\nchar *x = "load_settings";\n',
        '//- use.cpp\nauto x = R"(load_settings)";\n',
        "//- use.rb\n# load_settings\nx = 'load_settings' + <<~A\n  load_settings\nA\n",
        "//- use.php\n<p>load_settings</p>\n<?php // load_settings\n$x = 'load_settings' . \"load_settings\";\n",
        '//- use.cs\n// load_settings\nclass U { string x = "load_settings" + @"load_settings" + $"load_settings"; }\n',
        "//- use.sh\n# load_settings\necho 'load_settings' \"load_settings\"\ncat <<A\nload_settings\nA\n",
        "//- use.lua\n-- load_settings\nlocal x = 'load_settings' .. [[load_settings]]\n",
        '//- use.kt\n// load_settings\nval x = "load_settings"\n',
        '//- use.swift\n// load_settings\nlet x = "load_settings"\n',
        '//- use.scala\n// load_settings\nobject U { val x = "load_settings" + s"load_settings" }\n',
        '//- use.ex\n# load_settings\nx = "load_settings"\n',
        '//- use.hs\n-- load_settings\nx = "load_settings"\n',
        '//- use.ha\n// load_settings\nlet x: str = "load_settings";\n',
        '//- use.zig\n// load_settings\nconst x = "load_settings";\n',
        '//- use.jl\n# load_settings\n#= load_settings =#\nx = "load_settings"\n',
        "//- use.dart\n// load_settings\nvar x = 'load_settings';\n",
        '//- use.sol\n// load_settings\ncontract A { string x = "load_settings"; }\n',
        '//- use.proto\n// load_settings\noption x = "load_settings";\n',
        '//- Use.elm\n-- load_settings\nx = "load_settings"\n',
        '//- Use.purs\nmodule Use where\n-- load_settings\nx = "load_settings"\n',
        '//- use.d\n// load_settings\nstring x = "load_settings" ~ `load_settings`;\n',
        '//- use.fs\n// load_settings\nlet x = "load_settings"\n',
        "//- use.groovy\n// load_settings\ndef x = 'load_settings'\n",
        '//- use.nim\n# load_settings\nlet x = "load_settings" & """load_settings"""\n',
        '//- use.gleam\n// load_settings\nconst x = "load_settings"\n',
        '//- use.gd\n# load_settings\nvar x = "load_settings"\n',
        '//- use.el\n; load_settings\n(setq x "load_settings")\n',
        '//- use.lisp\n; load_settings\n#| load_settings |#\n(print "load_settings")\n',
        '//- use.scm\n; load_settings\n(display "load_settings")\n',
        '//- use.rkt\n; load_settings\n(display "load_settings")\n',
        "//- use.ps1\n# load_settings\n$x = 'load_settings' + \"load_settings\"\n",
        "//- use.pas\nunit A;\ninterface\n// load_settings\n{ load_settings }\n"
        "const x = 'load_settings';\nimplementation\nend.\n",
        '//- use.adb\nprocedure A is begin\n-- load_settings\nPut ("load_settings"); end A;\n',
        '//- use.nix\n# load_settings\n{ x = "load_settings"; }\n',
        "//- use.glsl\n// load_settings\nfloat x;\n",
    ],
)
def test_comments_and_strings_never_refer_to_anything(use: str):
    (path,) = parse_files(use)
    text = parse_files(use)[path]
    used = {name for _, names in chunk_file(path, text).references.uses for name in names.split()}
    assert "load_settings" not in used
    _, suffix = posixpath.splitext(path)
    assert chunk_file(f"x{suffix}", text).references.family


@pytest.mark.parametrize(
    "use",
    [
        "//- use.py\nx = f'text {load_settings()} text'\n",
        "//- use.ts\nconst x = `text ${load_settings()} text`\n",
        '//- use.rb\nx = "text #{load_settings} text"\n',
        '//- use.sh\necho "text $(load_settings) text"\n',
        '//- use.cs\nclass U { string x = $"text {load_settings()} text"; }\n',
        '//- use.kt\nval x = "text ${load_settings()} text"\n',
        '//- use.scala\nobject U { val x = s"text ${load_settings("text")} text" }\n',
        '//- use.swift\nlet x = "text \\(load_settings()) text"\n',
        '//- use.jl\nx = "text $(load_settings()) text"\n',
    ],
)
def test_code_inside_a_string_does_refer(use: str):
    ((path, text),) = parse_files(use).items()
    used = {name for _, names in chunk_file(path, text).references.uses for name in names.split()}
    assert "load_settings" in used
    assert "text" not in used


def test_a_language_does_not_refer_to_anothers_definitions():
    check(
        "//- use.py\nload_settings()\n//- lib.go\npackage a\nfunc load_settings() {}\n//- a.css\n.load_settings {}\n",
        [],
    )


def test_a_name_that_many_files_define_says_nothing_unless_one_is_imported():
    many = "".join(f"//- lib_{n}.py\ndef load_settings(): ...\n" for n in range(6))
    check("//- use.py\nload_settings()\n" + many, [])
    check("//- use.py\nfrom lib_3 import load_settings\nload_settings()\n" + many, ["use.py -> lib_3.py"])


def test_the_weight_of_a_name_is_shared_among_its_definers():
    one = edges(graph_of("//- use.py\nload_settings()\n//- a.py\ndef load_settings(): ...\n"))
    two = edges(
        graph_of("//- use.py\nload_settings()\n" + "".join(f"//- {n}.py\ndef load_settings(): ...\n" for n in "ab"))
    )
    assert set(two) == {"use.py -> a.py", "use.py -> b.py"}
    assert two["use.py -> a.py"] < one["use.py -> a.py"]


def test_a_name_that_the_file_defines_itself_is_its_own():
    check("//- use.py\ndef load_settings(): ...\nload_settings()\n//- lib.py\ndef load_settings(): ...\n", [])


def test_a_name_imported_from_outside_is_nobodys():
    check("//- use.py\nfrom elsewhere import Session\nSession()\n//- lib.py\nclass Session: ...\n", [])
    check("//- use.ts\nimport { Session } from 'elsewhere'\nnew Session()\n//- lib.ts\nclass Session {}\n", [])


def test_the_folders_of_a_module_are_no_names():
    check("//- use.py\nimport settings.local.path\n//- lib.py\ndef settings(): ...\n", [])


def test_a_member_that_holds_data_is_meant_only_where_its_file_is_imported():
    lib = "//- lib.py\nclass A:\n    models = 1\n"
    check("//- use.py\nx.models\n" + lib, [])
    check("//- use.py\nimport lib\nx.models\n" + lib, ["use.py -> lib.py"])
    assert "show -> A.models" in symbol_edges(
        graph_of("//- use.py\nimport lib\ndef show(x):\n    return x.models\n" + lib)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("//- p/__init__.py\n//- p/a.py\nfrom . import b\n//- p/b.py\n", ["p/a.py -> p/b.py"]),
        ("//- p/q/a.py\nfrom ..b import c\n//- p/b.py\n", ["p/q/a.py -> p/b.py"]),
        ("//- p/a.py\nfrom .b import *\n//- p/b.py\n", ["p/a.py -> p/b.py"]),
        ("//- src/p/__init__.py\n//- t.py\nimport p\n", ["t.py -> src/p/__init__.py"]),
        ("//- p/__init__.py\n//- p/json.py\n//- t.py\nimport json\n", []),
        ("//- a/x.ts\nimport y from '../b'\n//- b/index.ts\n", ["a/x.ts -> b/index.ts"]),
        ("//- a/x.ts\nexport * from './y.js'\n//- a/y.ts\n", ["a/x.ts -> a/y.ts"]),
        ("//- a/x.ts\nimport y from '@/b/y'\n//- src/b/y.ts\n", ["a/x.ts -> src/b/y.ts"]),
        ("//- a/x.ts\nimport react from 'react'\n//- src/react.ts\n", []),
        ('//- m/a.go\npackage m\nimport "h.com/o/r/in/db"\n//- in/db/x.go\npackage db\n', ["m/a.go -> in/db/x.go"]),
        ('//- m/a.go\npackage m\nimport "fmt"\n//- x/fmt/x.go\npackage fmt\n', []),
        ("//- s/U.java\nimport a.b.C;\n//- src/main/java/a/b/C.java\n", ["s/U.java -> src/main/java/a/b/C.java"]),
        ("//- s/U.java\nimport java.util.List;\n//- src/List.java\n", []),
        ("//- src/main.rs\nuse std::io::Read;\n//- src/io.rs\n", []),
        (
            "//- src/main.rs\nuse crate::a::{b, c::D};\n//- src/a/c.rs\n//- src/a/b.rs\n",
            ["src/main.rs -> src/a/b.rs", "src/main.rs -> src/a/c.rs"],
        ),
        (
            '//- s/a.c\n#include "sub/b.h"\n#include <string.h>\n//- include/sub/b.h\n//- lib/x/string.h\n',
            ["s/a.c -> include/sub/b.h"],
        ),
        (
            "//- a.php\n<?php\nuse App\\Models\\{User, Post};\n//- app/Models/User.php\n",
            ["a.php -> app/Models/User.php"],
        ),
        ("//- a.php\n<?php\nuse App\\Models\\User;\n//- src/Models/User.php\n", ["a.php -> src/Models/User.php"]),
        ("//- lib/a.rb\nrequire 'lib/b'\n//- lib/b.rb\n//- spec/lib/b.rb\n", ["lib/a.rb -> lib/b.rb"]),
    ],
)
def test_an_import_means_the_file_that_the_language_would_take(text: str, expected: list[str]):
    check(text, expected)


def test_a_definition_refers_to_the_definitions_that_it_uses():
    found = symbol_edges(
        graph_of(
            "//- use.py\nclass Reader:\n    def read(self):\n        return open_store()\n\nREADER = Reader()\n"
            "//- lib.py\ndef open_store():\n    return checked_path()\n\ndef checked_path(): ...\n"
        )
    )
    assert found == {"Reader.read -> open_store", "open_store -> checked_path", " -> Reader", " -> READER"}


# -- edits

NAMES = ["alpha_one", "beta_two", "gamma_three", "Delta"]
FILES = ["a.py", "p/b.py", "p/c.py", "p/__init__.py", "q/d.py", "e.go"]


@st.composite
def contents(draw: st.DrawFn) -> str:
    def some(values: list[str], at_most: int) -> list[str]:
        return draw(st.lists(st.sampled_from(values), max_size=at_most, unique=True))

    modules = some(["a", "p.b", ".c", ".", "q.d"], 2)
    lines = [f"from {module} import {draw(st.sampled_from(NAMES))}" for module in modules]
    lines += [f"class {name}Box:\n    {name} = 1\n" for name in some(NAMES, 1)]
    for name in some(NAMES, 2):
        lines += [f"def {name}():", *(f"    {used}()" for used in some(NAMES, 2)), "    pass", ""]
    lines += [f"x.{name}" for name in some(NAMES, 2)]
    return "\n".join(lines) + "\n"


def go(text: str) -> str:
    return "package a\n" + "".join(f"func {n}() {{}}\n" for n in NAMES if f"def {n}" in text)


def read(path: str, text: str) -> FileFacts:
    return facts(path, go(text) if path.endswith(".go") else text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(FILES), st.none() | contents(), min_size=1, max_size=3), min_size=1, max_size=6
    )
)
def test_after_any_edits_the_graph_is_what_building_it_anew_gives(edits: list[dict[str, str | None]]):
    graph = ReferenceGraph()
    texts: dict[str, str] = {}
    view = NO_GRAPH
    for edit in edits:
        for path, text in edit.items():
            if text is None:
                texts.pop(path, None)
            else:
                texts[path] = text
        graph.update({path: None if text is None else read(path, text) for path, text in edit.items()})
        graph.resolve()
        view = view_of(graph, view)
    anew = ReferenceGraph()
    anew.update({path: read(path, text) for path, text in texts.items()})
    anew.resolve()
    assert edges(graph) == edges(anew)
    assert sorted(symbol_edges(graph)) == sorted(symbol_edges(anew))
    fresh = view_of(anew)
    assert {path: view.document_rank(path) for path in texts} == pytest.approx(
        {p: fresh.document_rank(p) for p in texts}
    )
    keys = list(fresh.symbols.keys(fresh.paths))
    assert {key: view.symbol_rank(*key) for key in keys} == pytest.approx({k: fresh.symbol_rank(*k) for k in keys})


# -- the view

THREE = "//- a.py\nopen_store()\n//- b.py\nopen_store()\n//- lib.py\ndef open_store(): ...\n"


def same(one: GraphView, other: GraphView) -> bool:
    return all(
        one.document_rank(path) == other.document_rank(path)
        and one.neighbours(path) == pytest.approx(other.neighbours(path), rel=1e-6)
        and one.n_referrers(path) == other.n_referrers(path)
        for path in one.paths
    ) and all(one.symbol_rank(*key) == other.symbol_rank(*key) for key in one.symbols.keys(one.paths))


def test_a_view_tells_ranks_neighbours_and_referrers():
    view = view_of(graph_of(THREE))
    assert view.document_rank("lib.py") > view.document_rank("a.py") == view.document_rank("b.py") > 0
    assert view.symbol_rank("lib.py", "open_store") > view.symbol_rank("a.py", "")
    assert set(view.neighbours("lib.py")) == {"a.py", "b.py"}
    assert set(view.neighbours("a.py")) == {"lib.py"}
    assert (view.n_referrers("lib.py"), view.n_referrers("a.py")) == (2, 0)
    assert (len(view.referrers("lib.py")), view.referrers("a.py"), NO_GRAPH.referrers("lib.py")) == (2, (), ())


def test_before_the_graph_is_known_every_answer_is_nothing():
    assert NO_GRAPH.document_rank("a.py") == NO_GRAPH.symbol_rank("a.py", "f") == NO_GRAPH.n_referrers("a.py") == 0
    assert NO_GRAPH.neighbours("a.py") == {}


def test_imported_ranks_count_instead_of_ours_where_there_are_any():
    view = view_of(graph_of(THREE))
    theirs = with_imported(view, {"a.py": 400.0, "b.py": 3.0})
    assert theirs.document_rank("a.py") > theirs.document_rank("b.py")
    assert theirs.document_rank("lib.py") == view.document_rank("lib.py")
    assert same(with_imported(theirs, {}), view)


def test_a_packed_view_comes_back_and_damage_or_another_key_is_noticed():
    view = view_of(graph_of(THREE))
    data = pack(view, 7)
    back = unpack(data, 7)
    assert back is not None
    assert same(view, back)
    assert unpack(data, 8) is None
    for position in range(0, len(data), 3):
        broken = data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :]
        assert unpack(broken, 7) is None
        assert unpack(data[:position], 7) is None


def test_a_file_that_uses_nothing_by_name_is_no_part_of_the_graph():
    graph = graph_of("//- a.md\n# open_store\n//- b.py\nx = 1\n")
    assert graph.paths == ["b.py"]
    graph.update({"b.py": FileFacts((), References())})
    graph.resolve()
    assert graph.paths == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "//- Cart.vue\n<script>\naddUp(1)\n</script>\n<p>writeOut</p>\n//- lib.ts\nexport function addUp() {}\n"
            "//- other.ts\nexport function writeOut() {}\n",
            {"Cart.vue -> lib.ts"},
        ),
        ("//- App.vue\n<script setup>\nimport Row from './Row.vue'\n</script>\n//- Row.vue\n<script>\nlet a\n</script>",
         {"App.vue -> Row.vue"}),
        ("//- Page.astro\n---\nimport Row from './Row.svelte'\n---\n//- Row.svelte\n<script>\nlet a\n</script>\n",
         {"Page.astro -> Row.svelte"}),
        ("//- show.erb\n<%= price_of(x) %>\n//- lib.rb\ndef price_of(x)\nend\n", {"show.erb -> lib.rb"}),
        ("//- use.ts\nfooter()\n//- Foot.vue\n<style>\nfooter { top: 0 }\n</style>\n<script>\nlet a\n</script>", set()),
        ("//- README.md\n```js\naddUp(1)\n```\n//- lib.ts\nexport function addUp() {}\n", set()),
    ],
)  # fmt: skip
def test_a_part_of_a_file_refers_as_a_file_of_its_language_does(text: str, expected: set[str]):
    check(text, expected)
