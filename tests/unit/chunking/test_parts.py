"""Files in several languages: each part is read in its own."""

import pytest

from cognate.chunking import chunk_edited, chunk_file
from cognate.chunking.parts import MAX_DEPTH
from cognate.types import References

BODY = "".join(f"    total += weigh(item, {number})\n" for number in range(20))


def symbols_of(path: str, text: str) -> list[str]:
    return [f"{s.kind} {s.qualified} {s.start_line}" for chunk in chunk_file(path, text).chunks for s in chunk.symbols]


def references_of(path: str, text: str) -> References:
    return chunk_file(path, text).references


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "Cart.vue",
            "<template>\n<b id='sum'/>\n</template>\n<script setup lang='ts'>\ninterface Rule {}\n"
            "function apply(r: Rule)"
            " {}\n</script>\n<style lang='scss'>\n@mixin wide {}\n</style>\n",
            ["field sum 1", "interface Rule 4", "function apply 5", "function wide 8"],
        ),
        (
            "Menu.svelte",
            "<script context='module'>\nexport function load() {}\n</script>\n<script lang='ts'>\nlet open: boolean\n"
            "</script>\n{#snippet row(x)}\n<b>{x}</b>\n{/snippet}\n",
            ["function load 1", "variable open 4", "function row 6"],
        ),
        (
            "Page.astro",
            "---\ninterface Props { id: string }\n---\n<script>\nfunction start(n: number) {}\n</script>\n"
            "<script lang='js'>\n"
            "function stop() {}\n</script>\n",
            ["interface Props 1", "field Props.id 1", "function start 4", "function stop 7"],
        ),
        (
            "index.html",
            "<script>\nfunction a() {}\n</script>\n<script type=module>\nfunction b() {}\n</script>\n"
            "<script type='text/typescript'>\ntype C = string\n</script>\n<script type='text/x-klingon'>\n"
            "function d() {}\n</script>\n<script type='py'>\ndef e(): pass\n</script>\n",
            ["function a 1", "function b 4", "type C 7", "function e 13"],
        ),
        (
            "page.phtml",
            "<div id='top'>\n<?php function row($r) { ?>\n<b id='cell'><?= $r ?></b>\n<?php } ?>\n<script>\n"
            "function go() { return <?= $x ?>; }\n</script>\n</div>\n",
            ["field top 0", "function row 1", "field top.cell 2", "function go 5"],
        ),
        (
            "show.html.erb",
            "<% def cell(x) %>\n<b id='<%= x %>'></b>\n<% end %>\n<%# def hidden %>\n<script>\n"
            "function go() { return <%= url %>; }\n</script>\n",
            ["function cell 0", "field <%= x %> 1", "function go 5"],
        ),
        (
            "create.js.erb",
            "function show() {\n  render(<%= raw @rows.to_json -%>);\n}\n<% if admin? %>\nconst tools = () => {}\n"
            "<% end %>\n",
            ["function show 0", "function tools 4"],
        ),
        (
            "list.ejs",
            "<% function cell(x) { %>\n<b><%= x %></b>\n<% } %>\n<%_ rows.forEach((row) => { _%>\n"
            "<i><%- cell(row) %></i>\n"
            "<%_ }) _%>\n",
            ["function cell 0"],
        ),
        (
            "index.html.eex",
            "<%= for user <- @users do %>\n<b id='u'><%= user.name %></b>\n<% end %>\n<style>\n.u { top: 0 }\n"
            "</style>\n",
            ["field u 1", "rule .u 4"],
        ),
        (
            "base.html",
            "{% load static %}\n{% block head %}\n<script>\nfunction go() { return {{ url|safe }}; }\n</script>\n"
            "{% endblock head %}\n{% macro input(name, size=1) -%}\n<i>{{ name }}</i>\n{%- endmacro %}\n"
            "{% block end required %}"
            "{% endblock %}\n",
            ["field head 1", "function go 3", "function input 6", "field end 9"],
        ),
        (
            "service.sh.j2",
            "start() {\n  run {{ name }} --port={{ port | default(80) }}\n}\n{# stop() { :; } #}\n{% if a %}\n"
            "stop() {\n  :\n}\n"
            "{% endif %}\n",
            ["function start 0", "function stop 5"],
        ),
        (
            "list.hbs",
            "{{#each rows}}\n<b id='cell'>{{name}}</b>\n{{/each}}\n<script>\nvar rows = {{{json rows}}}\n</script>\n",
            ["field cell 1", "variable rows 4"],
        ),
        (
            "guide.mdx",
            "import {Chart} from './chart'\n\n# Guide\n\nexport const Box = ({children}) => {\n\n"
            "  return <b>{children}</b>\n}\n"
            "\n# After\n\nimport duties are not code.\n",
            ["heading Guide 2", "function Box 4", "heading After 9"],
        ),
        (
            "README.md",
            "# Use\n\n```python title='a.py'\ndef load(): pass\nlimit = 1\n```\n\n1. First\n\n   ~~~{.ts}\n"
            "   class Store {\n"
            "     get() {}\n   }\n   ~~~\n\n> ```rb\n> def shout\n> end\n> ```\n\n```text\ndef no(): pass\n```\n"
            "```html\n<script>\nfunction inner() {}\n</script>\n```\n",
            [
                "heading Use 0", "function load 3", "class Store 10", "method Store.get 11", "function shout 16",
                "function inner 25",
            ],
        ),
    ],
)  # fmt: skip
def test_the_definitions_of_every_part_are_named(path: str, text: str, expected: list[str]):
    assert symbols_of(path, text) == expected


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.vue", "vue"),
        ("a.html", "html"),
        ("a.php", "php"),
        ("a.html.erb", "erb"),
        ("a.j2", "jinja"),
        ("a.mdx", "mdx"),
    ],
)
def test_the_language_is_the_file_s(path: str, language: str):
    assert chunk_file(path, "{% if a %}\n<script>function f() {}</script>\n{% endif %}").language == language


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.vue", "<template>\n" + "<p>text</p>\n" * 90 + "</template>\n<script>\n", "</script>\n"),
        ("a.svelte", "<script lang='ts'>\n", "</script>\n" + "<p>text</p>\n" * 90),
        ("a.astro", "---\n", "---\n" + "<p>text</p>\n" * 90),
        ("a.html", "<html>\n<body>\n" + "<p>text</p>\n" * 90 + "<script>\n", "</script>\n</body>\n</html>\n"),
        ("a.php", "<?php if (1): ?>\n" + "<p>text</p>\n" * 90 + "<script>\n", "</script>\n<?php endif; ?>\n"),
        ("a.ejs", "<p><%= a %></p>\n" * 90 + "<script>\n", "</script>\n"),
        ("a.md", "# Title\n\n```js\n", "```\n"),
        ("a.mdx", "# Title\n\n", "\n" + "text\n" * 90),
    ],
)
def test_functions_of_a_part_stay_whole(path: str, before: str, after: str):
    names = ["one", "two", "three", "four", "five", "six"]
    functions = [f"export function {name}(items) {{\n{BODY}}}\n" for name in names]
    chunks = chunk_file(path, before + "".join(functions) + after).chunks
    assert len(chunks) >= len(names) // 2
    for function in functions:
        assert sum(function.strip() in chunk.text for chunk in chunks) == 1


def test_what_a_page_prints_does_not_take_its_elements_apart():
    row = "<tr id='row'>\n" + "<td><?= $cell ?></td>\n" * 30 + "</tr>\n"
    page = "<table>\n" + "<?php foreach ($a as $b): ?>\n" + row * 4 + "<?php endforeach; ?>\n" + "</table>\n"
    assert sum(chunk.text.count(row.strip()) for chunk in chunk_file("a.php", page).chunks) == 4


def test_uses_and_imports_of_scripts_count():
    vue = references_of(
        "Cart.vue",
        "<script>\nimport Row from './Row.vue'\nfunction total() { return addUp(rows) }\n</script>\n"
        "<p>addUp is a word</p>\n"
        "<script setup>\nfunction label() { return translate('key') }\n</script>\n",
    )
    assert (vue.family, vue.imports) == ("javascript", ("./Row/Row",))
    assert dict(vue.uses)["total"] == "addUp rows"
    assert dict(vue.uses)["label"] == "translate"
    assert "word" not in " ".join(names for _, names in vue.uses)


def test_the_language_inside_the_tags_decides_what_a_template_may_use():
    page = "<script>\nbootWidgets({{ a }})\n</script>\n<%= render_row(user) %>\n"
    assert references_of("a.erb", page) == References("ruby", (), (("", "render_row user"),))
    assert references_of("a.html", page + "{% if a %}") == References("javascript", (), (("", "bootWidgets"),))
    assert references_of("a.php", "<script>\nbootWidgets()\n</script>\n<?php render_row($user);").family == "php"


def test_examples_in_documentation_use_nothing():
    assert references_of("a.md", "```js\nimport a from './a'\nstart(a)\n```\n") == References()


@pytest.mark.parametrize("suffix", ["vue", "html", "php", "erb", "ejs", "j2", "astro", "svelte"])
def test_edits_in_a_part_give_the_chunks_of_a_fresh_parse(suffix: str):
    path = f"a.{suffix}"
    text = "<p>\n{{ a }}<%= b %><?= $c ?>\n</p>\n<script>\nfunction f() {\n  return 1\n}\n</script>\n"
    parsed = None
    for old, new in [
        ("return 1", "return [1"),
        ("</script>", ""),
        ("[1", "1"),
        ("<p>", "<script>function g() {}</script><p>"),
        ("%>", ""),
        ("}}", ""),
        ("{{ a", "{% if a %}ä"),
    ]:
        text = text.replace(old, new, 1)
        chunked, parsed = chunk_edited(path, text, parsed)
        assert parsed is not None
        assert chunked == chunk_file(path, text)


def test_a_part_that_must_not_be_parsed_is_cut_by_lines_and_said():
    deep = "val x = " + '"${' * 2000
    chunked = chunk_file(
        "a.html", f"<script>\nfunction f() {{}}\n</script>\n<script type='text/kotlin'>\n{deep}\n</script>"
    )
    assert [problem.partition(":")[0] for problem in chunked.problems] == ["Line 4"]
    assert [s.name for chunk in chunked.chunks for s in chunk.symbols] == ["f"]


def test_tags_that_must_not_be_parsed_leave_the_text_around_them():
    chunked = chunk_file("a.erb", "<script>\nfunction f() {}\n</script>\n<% " + "<!--" * 2000 + " %>\n")
    assert chunked.problems == ("The tags are not parsed: the parser for ruby made no headway.",)
    assert [s.name for chunk in chunked.chunks for s in chunk.symbols] == ["f"]


def test_tags_that_are_never_closed_are_none():
    assert symbols_of("a.erb", "<% def f\n<script>\nfunction g() {}\n</script>") == ["function g 2"]
    many = "{% block a %}\n{{ {% {# <script>function f() {}</script>\n" * 3000
    assert chunk_file("a.j2", many).problems == ()


def test_each_of_many_parts_is_read():
    pages = "<script>\nfunction f() { return <?= 1 ?>; }\n</script>\n<p>\n<?= 2 ?>\n</p>\n" * 300
    assert sum(len(chunk.symbols) for chunk in chunk_file("a.php", pages).chunks) == 300


def test_parts_in_parts_end_somewhere():
    page = "function f() {}"
    for _ in range(MAX_DEPTH + 3):
        page = f"<script type='text/html'><script>{page}<\\/script></script>"
    assert chunk_file("a.html", page).problems == ()
