"""What a cross-encoder is given to read."""

import pytest

from cognate.embedding.text import MAX_PASSAGE_WORDS, passage_text, question_text
from cognate.types import Chunk, Symbol


def chunk(text: str, container: str = "", *names: str) -> Chunk:
    symbols = tuple(Symbol(name, "function", container, 0, 1) for name in names)
    return Chunk(0, text.count("\n") + 1, text, symbols, container)


@pytest.mark.parametrize(
    ("path", "read", "expected"),
    [
        (
            "web/httpClient.py",
            chunk("def fetchAll(self):\n    # Fetch all pages.\n    return self._pages[0]", "Client.Pool", "fetchAll"),
            "http client pool fetch all\ndef fetch all self fetch all pages return self pages 0",
        ),
        ("README.md", chunk("Passwords are hashed, twice!"), "readme\npasswords are hashed twice"),
        ("a.b/.env", chunk("KEY=1"), "key 1"),
        ("x.c", chunk("{ }"), "x"),
        ("src/été.rs", chunk("fn naïve() {}", "", "naïve", "other"), "été naïve\nfn naïve"),
    ],
)
def test_a_passage_is_a_header_and_the_words_of_the_code_in_order(path: str, read: Chunk, expected: str):
    assert passage_text(path, read) == expected


def test_a_long_chunk_is_read_from_its_beginning():
    body = passage_text("a.py", chunk(" ".join(f"w{'x' * i}" for i in range(1000)))).split("\n")[1].split()
    assert body == [f"w{'x' * i}" for i in range(MAX_PASSAGE_WORDS)]


def test_a_query_is_read_as_its_words():
    assert (
        question_text("where does parseHTTPUrl2 call os.path_join?") == "where does parse http url 2 call os path join"
    )
