"""What somebody asks the history is read by its shape."""

import pytest

from cognate.history.question import is_diff, read_question

DIFF = """diff --git a/src/client.py b/src/client.py
--- a/src/client.py
+++ b/src/client.py
@@ -10,2 +10,3 @@ def fetch(url):
-    timeout = None
+    timeout = default_timeout
+    # b/c of slow servers
"""


def test_a_diff_is_asked_by_the_names_in_its_lines_and_its_files() -> None:
    question = read_question(DIFF)
    assert (question.text, question.files) == ("", ("src/client.py",))
    assert {"timeout", "default"} <= set(question.terms)
    assert "client" not in question.terms


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("fix(cli): retry on 503 (#123)", "retry on 503"),
        ("[parser] Accept empty lines #7", "Accept empty lines"),
        ("feat!: drop Python 3.8", "drop Python 3.8"),
        ("docs: typo", "docs: typo"),
        ("why is there a limit", "why is there a limit"),
    ],
)
def test_a_title_loses_its_prefix_and_its_issue(title: str, text: str) -> None:
    assert read_question(title).text == text


def test_words_of_any_question_about_a_history_do_not_count_unless_there_are_no_others() -> None:
    assert read_question("when did we stop supporting windows").terms == ("support", "window")
    assert read_question("first commit").terms == ("first", "commit")


@pytest.mark.parametrize("text", ["a - b", "- one\n- two\n- three", "+1\n-1", "diff --git is a command"])
def test_prose_and_lists_are_no_diff(text: str) -> None:
    assert not is_diff(text)
