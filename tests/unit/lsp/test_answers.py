"""Answers of several folders as one: copies, advice, and the encodings that a client may offer."""

import pytest
from lsprotocol.types import ClientCapabilities, GeneralClientCapabilities

from cognate.lsp.answers import merge, merge_index, search_result
from cognate.lsp.capabilities import choose_encoding
from cognate.lsp.folders import Folder
from cognate.settings import Settings
from cognate.types import Advice, Answer, Hit, IndexInfo, Span, State

READY = IndexInfo(State.READY, 1, 1.0, 1)


def folder(path: str) -> Folder:
    return Folder(f"file://{path}", path, path, Settings())


def hit(path: str, score: float, digest: bytes, *copies: str, start: int = 0) -> Hit:
    spans = tuple(Span(copy, 0, 2) for copy in copies)
    return Hit(path, start, start + 2, start, "x = 1", score, None, "python", "x = 1", copies=spans, digest=digest)


def answer(*hits: Hit, message: str = "", suggestions: tuple[str, ...] = ()) -> Answer:
    return Answer(hits, READY, advice=Advice(message, suggestions))


def check(answers: list[tuple[str, Answer]], expected: list[tuple[str, list[str]]]) -> None:
    """Check the URIs of hits and of their copies."""
    result = search_result(merge([(folder(path), given) for path, given in answers], 10), "utf-8")
    assert [(hit.location.uri, [copy.uri for copy in hit.copies or ()]) for hit in result.hits] == expected


def test_coverages_of_several_folders_are_weighted_by_their_chunks():
    several = [IndexInfo(State.INDEXING, 1, 0.0, 30, word_coverage=0.6), IndexInfo(State.READY, 1, 1.0, 10)]
    merged = merge_index(several)
    assert (merged.coverage, merged.word_coverage) == pytest.approx((0.25, 0.7))


def test_the_same_text_in_two_folders_is_one_hit():
    check(
        [("/w/one", answer(hit("a.py", 0.5, b"x", "b.py"))), ("/w/two", answer(hit("a.py", 0.6, b"x", "c.py")))],
        [("file:///w/two/a.py", ["file:///w/two/c.py", "file:///w/one/a.py", "file:///w/one/b.py"])],
    )


def test_other_texts_stay_apart_and_hits_without_a_digest_are_told_by_their_place():
    check(
        [("/w/one", answer(hit("a.py", 0.5, b"x"), hit("b.py", 0.4, b""))), ("/w/two", answer(hit("b.py", 0.3, b"")))],
        [("file:///w/one/a.py", []), ("file:///w/one/b.py", []), ("file:///w/two/b.py", [])],
    )


def test_a_place_that_two_folders_hold_is_no_copy_of_itself():
    check(
        [("/w", answer(hit("in/a.py", 0.5, b"x", "b.py"))), ("/w/in", answer(hit("a.py", 0.4, b"x")))],
        [("file:///w/in/a.py", ["file:///w/b.py"])],
    )


def test_advice_is_given_where_no_folder_answers_without():
    nothing = answer(message="Nothing here is in go.", suggestions=("lang:python", "lang:c"))
    other = answer(message="Nothing here is in go, too.", suggestions=("lang:c", "lang:lua"))
    merged = merge([(folder("/a"), nothing), (folder("/b"), other)], 10)
    assert merged.advice == Advice("Nothing here is in go.", ("lang:python", "lang:c", "lang:lua"))
    shown = search_result(merged, "utf-8", "retry lang:go")
    assert shown.message == "Nothing here is in go."
    assert shown.queries == ("retry lang:python", "retry lang:c", "retry lang:lua")
    assert search_result(merged, "utf-8").queries is None, "related code answers no query"
    found = merge([(folder("/a"), nothing), (folder("/b"), answer(hit("a.py", 0.5, b"x")))], 10)
    assert (search_result(found, "utf-8").message, search_result(found, "utf-8").suggestions) == (None, None)


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-7", "utf-32"], "utf-32"),
        (["ebcdic"], "utf-16"),
    ],
)
def test_the_clients_first_known_encoding_is_chosen(offered: list[str] | None, expected: str):
    general = GeneralClientCapabilities(position_encodings=offered)  # pyright: ignore[reportArgumentType]
    assert choose_encoding(ClientCapabilities(general=general)) == expected
    assert choose_encoding(ClientCapabilities()) == "utf-16"
