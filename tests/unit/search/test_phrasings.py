"""What a chat model is asked for, and how strictly its reply is read."""

import json

import pytest

from cognate.errors import InvalidRequestError
from cognate.search.phrasings import LONGEST, LONGEST_REPLY, MOST_LANGUAGES, MOST_WORDINGS, prompt_for, read_reply

QUESTION = "sign-in should take equally long whether or not the account is real"
THREE = ("constant time password hasher", "authenticate check_password dummy_hash", "timing attack on user enumeration")


def check(reply: str, *wordings: str, query: str = QUESTION) -> None:
    """Check that a reply is read as these wordings."""
    assert read_reply(query, reply) == wordings


# What is asked


def test_a_prompt_is_the_question_and_the_commonest_languages():
    counts = {"python": 40, "rust": 7, "c": 7, "go": 2, "java": 3, "ruby": 1, "json": 90, "markdown": 50}
    prompt = prompt_for(QUESTION, counts)
    assert prompt.user == f"Languages of the project: python, c, rust, java, go.\nQuestion: {QUESTION}"
    assert MOST_LANGUAGES == 5
    assert prompt_for(QUESTION, {"html": 2, "yaml": 9}).user.startswith("Languages of the project: yaml, html.\n")


def test_the_instructions_are_the_same_for_every_question():
    one, other = prompt_for(QUESTION, {}), prompt_for("retry", {"go": 3})
    assert one.system == other.system
    assert one.user == f"Question: {QUESTION}"


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("retry path:src/secret/billing.py lang:python", "retry"),
        ('-path:tests  where is\n the "session token" renewed', "where is the session token renewed"),
        ("folder:clients/acme file:invoice.ts rounding of totals", "rounding of totals"),
    ],
)
def test_filters_stay_here(query: str, sent: str):
    assert prompt_for(query, {}).user == f"Question: {sent}"


def test_the_frames_of_a_stack_trace_stay_here():
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/home/ann/acme/billing/invoice.py", line 12, in total\n'
        "ValueError: a rate is missing\n"
    )
    sent = prompt_for(trace, {"python": 1}).user
    assert "a rate is missing" in sent
    assert not [private for private in ("ann", "acme", "invoice.py") if private in sent]


@pytest.mark.parametrize("query", ["lang:python", "path:src/ -lang:go", "??"])
def test_a_query_without_words_has_no_other_wording(query: str):
    with pytest.raises(InvalidRequestError, match="no words"):
        prompt_for(query, {})


def test_half_a_character_can_be_sent():
    assert prompt_for("pair \ud83d of", {}).user.encode()


# What is read


def test_lines_are_wordings():
    check("\n".join(THREE), *THREE)
    check("\r\n\r\n".join(THREE) + "\r\n", *THREE)


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "1. ", "2) ", "(3) ", "  10: ", "1.\t"])
def test_marks_of_lists_are_taken_away(mark: str):
    check("\n".join(mark + wording for wording in THREE), *THREE)


@pytest.mark.parametrize("around", ['"{}"', "'{}'", "`{}`", "“{}”", "«{}»", "**{}**", "*`{}`*"])
def test_quotation_marks_and_emphasis_are_taken_away(around: str):
    check("\n".join(around.format(wording) for wording in THREE), *THREE)


def test_names_keep_what_belongs_to_them():
    check("__init__ _private\n-1 as an index\n3 retries\nC++ std::vector<int>", *[
        "__init__ _private", "-1 as an index", "3 retries", "C++ std::vector<int>",
    ])  # fmt: skip


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(THREE),
        json.dumps({"also": THREE}),
        json.dumps({"also": [*THREE, 7, None, {"code": "x"}, [THREE[0]]], "model": "m"}, indent=2),
        f"```json\n{json.dumps(THREE, indent=2)}\n```",
        f"Here they are:\n\n```\n{json.dumps(THREE)}\n```\nI hope that this helps!",
    ],
)
def test_json_is_read_wherever_it_stands(reply: str):
    check(reply, *THREE)


def test_only_the_first_fence_is_read():
    lines = "\n".join(THREE)
    check(f"Sure:\n```text\n{lines}\n```\nAnd some code:\n```python\nimport os\n```", *THREE)
    check(f"```\n{lines}", *THREE)


def test_what_a_model_thinks_aloud_is_no_wording():
    check("<think>\nThe user wants names.\nLet me see.\n</think>\n\n" + "\n".join(THREE), *THREE)
    check("The user wants names.\n</think>\n" + THREE[0], THREE[0])
    check("<think>\nThe user wants names, so I would")


def test_the_question_itself_and_repetitions_are_no_other_wordings():
    check(f"{QUESTION.upper()}\n{THREE[0]}\n{THREE[0].title()}\n  {THREE[0]}  \n{THREE[1]}", THREE[0], THREE[1])
    check("Retry   Policy", query="retry policy")


def test_lines_that_introduce_others_and_lines_without_a_letter_are_left_out():
    check(f"Here are three wordings:\n---\n{THREE[0]}\n***\n…\n\n", THREE[0])


def test_a_line_that_is_too_long_is_left_out_and_the_others_stay():
    longest = "w" * LONGEST
    check(f"{longest}\n{longest}x\n{THREE[0]}", longest, THREE[0])


def test_no_more_than_the_first_few_are_read():
    lines = [f"wording {number}" for number in range(MOST_WORDINGS + 5)]
    check("\n".join(lines), *lines[:MOST_WORDINGS])
    check(json.dumps(lines), *lines[:MOST_WORDINGS])


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " \n\t\n",
        "?!",
        "{}",
        "[]",
        "[1, 2, 3]",
        '{"wordings": ["constant time"]}',
        '{"also": "constant time"}',
        '["constant time", ',
        '[{"also": ["constant time"]}]',
        "[" * 10_000,
        "[" + "9" * 10_000 + "]",
        "<html><body>502 Bad Gateway</body></html>",
        "word " * LONGEST_REPLY,
        "\n".join(["wording"] * LONGEST_REPLY),
    ],
)
def test_nonsense_is_no_wording(reply: str):
    check(reply)


def test_what_could_act_on_a_terminal_or_an_editor_does_not_come_through():
    hostile = "\x1b[31mred\x1b[0m \u202ealert\u202c\nhalf \ud83d pair\nnull\x00byte\n" + json.dumps("a\u2028b")
    found = read_reply(QUESTION, hostile)
    assert found == ("[31mred [0m alert", "half pair", "null byte", "a\\u2028b")
    check(json.dumps(["new\nline and \ud83d", "tab\tstop"]), "new line and", "tab stop")
