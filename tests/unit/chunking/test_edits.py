"""A text parsed from its last version's tree gives the chunks that a fresh parse gives."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognate.chunking import chunk_edited, chunk_file, parse

SOURCE = Path(parse.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\n    pass\n", "def g():\n    pass\n"),
        ("def f():\n    pass\n", ""),
        ("", "def f():\n    pass\n"),
        ("x = 'ä'\ny = 1\n", "x = 'äö'\ny = 1\n"),
        ("a = 1\r\nb = 2\r\n", "a = 1\r\n\r\nb = 2\r\n"),
        ("def f():\n    return 1\n", "def f():\n    return (1\n"),
        ("aaaa\n", "aaa\n"),
        ("x = 1\0\n", "x = 12\0\n"),
    ],
)
def test_an_edit_gives_the_chunks_of_a_fresh_parse(before: str, after: str):
    _, parsed = chunk_edited("a.py", before, None)
    assert chunk_edited("a.py", after, parsed)[0] == chunk_file("a.py", after)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_run_of_random_edits_never_drifts(seed: int):
    random_ = random.Random(seed)
    text, parsed = SOURCE, None
    for _ in range(6):
        start = random_.randrange(len(text) + 1)
        end = min(len(text), start + random_.randrange(40))
        text = (
            text[:start]
            + random_.choice(["", "x", "\n", "def f(x):\n    return x\n", '"""', "(", "ü", "    "])
            + text[end:]
        )
        chunked, parsed = chunk_edited("a.py", text, parsed)
        assert chunked == chunk_file("a.py", text)


PAGE = """<p>{{ a }}</p><%= b %><?= $c ?>
<script>
function f() {
  return {{ d }}
}
</script>
<?php function g() { ?>
<b id="x">{% if e %}</b>
<?php } ?>
<style lang="scss">
.a { .b { top: 0 } }
</style>
"""


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["vue", "svelte", "html", "php", "erb", "ejs", "j2"]), st.integers(0, 2**32 - 1))
def test_edits_of_a_file_in_several_languages_never_drift(suffix: str, seed: int):
    random_ = random.Random(seed)
    text, parsed = PAGE, None
    for _ in range(6):
        start = random_.randrange(len(text) + 1)
        end = min(len(text), start + random_.randrange(20))
        word = random_.choice(["", "x", "\n", "<script>", "</script>", "<?php", "?>", "<%", "%>", "{%", "%}", "{", "ü"])
        text = text[:start] + word + text[end:]
        chunked, parsed = chunk_edited(f"a.{suffix}", text, parsed)
        assert chunked == chunk_file(f"a.{suffix}", text)


def test_only_what_changed_is_parsed_anew():
    _, parsed = chunk_edited("a.py", SOURCE, None)
    assert parsed is not None
    edited = SOURCE.replace("def parse(", "def parse_all(", 1)
    _, again = chunk_edited("a.py", edited, parsed)
    assert again is not None
    changed = parsed.tree.copy()
    old = parse.edited(changed, parsed.data, again.data)
    ranges = old.changed_ranges(again.tree)
    assert sum(r.end_byte - r.start_byte for r in ranges) < len(SOURCE) // 10


@pytest.mark.parametrize("path", ["a.md", "a.txt", "a.ipynb"])
def test_what_is_not_parsed_is_chunked_all_the_same(path: str):
    chunked, parsed = chunk_edited(path, "# A\n\ntext\n", None)
    assert chunked == chunk_file(path, "# A\n\ntext\n")
    assert parsed is None


def test_a_file_that_changes_its_language_starts_afresh():
    _, parsed = chunk_edited("a.py", "x = 1\n", None)
    assert chunk_edited("a.js", "const x = 1;\n", parsed)[0] == chunk_file("a.js", "const x = 1;\n")
