"""Which lines a text shows, on texts as ``search_code`` and ripgrep write them."""

from shown import bytes_of, cut, is_shown, lines_of_answer, lines_of_ripgrep

from cognate.mcp.format import tokens_of

ANSWER = """\
Index: meaning covers 43 % of 1,200 chunks so far; words answer for the rest.
src/retry.py:6-13  def call(action, attempts=5)  [stale: the file has changed since it was indexed]
     6  def call(action, attempts=5):
     9      slice = items[2:5-1]
notes/my plan.ipynb cell 3:1-4
     1  call(connect)
src/long.c:100200-100210
100201  return 0;
[2 more left out to stay within 300 tokens: raise max_tokens, or narrow with paths]"""

PRINTED = """\
src/retry.py
6:def call(action, attempts=5):
9:    slice = items[2:5-1]

docs/a guide.md
1:12: call it"""


def test_an_answer_shows_its_numbered_lines():
    assert list(lines_of_answer(ANSWER)) == [
        ("src/retry.py", 6), ("src/retry.py", 9), ("notes/my plan.ipynb", 1), ("src/long.c", 100201),
    ]  # fmt: skip


def test_ripgrep_shows_the_lines_that_match():
    assert list(lines_of_ripgrep(PRINTED)) == [("src/retry.py", 6), ("src/retry.py", 9), ("docs/a guide.md", 1)]


def test_a_place_is_shown_when_a_line_of_it_is():
    target = {"path": "src/retry.py", "start_line": 7, "end_line": 9}
    assert is_shown([("src/retry.py", 6), ("src/retry.py", 9)], [target])
    assert not is_shown([("src/retry.py", 6), ("src/other.py", 9)], [target])


def test_a_text_is_cut_at_a_number_of_tokens_and_between_characters():
    text = "é" * 1000
    assert tokens_of(cut(text, 100)) == 100
    assert cut(text, 100) == "é" * (bytes_of(100) // 2)
