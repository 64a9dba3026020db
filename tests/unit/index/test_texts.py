from collections.abc import Sequence

from cognate.index.texts import Texts


class Counting:
    """A reader that has a text for every even id, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, numbers: Sequence[int]) -> dict[int, str]:
        self.asked += numbers
        return {number: f"text {number}" for number in numbers if number % 2 == 0}


def test_a_text_is_read_once():
    reader = Counting()
    texts = Texts(reader)
    assert texts.read([2, 4]) == texts.read([4, 2]) == {2: "text 2", 4: "text 4"}
    assert reader.asked == [2, 4]


def test_what_the_store_does_not_have_is_left_out_and_asked_for_again():
    reader = Counting()
    texts = Texts(reader)
    assert texts.read([1, 2]) == {2: "text 2"}
    assert texts.read([1]) == {}
    assert reader.asked == [1, 2, 1]


def test_the_texts_read_last_are_kept():
    reader = Counting()
    texts = Texts(reader, kept=2)
    texts.read([2, 4])
    texts.read([2])
    texts.read([6])
    texts.read([2, 6])
    assert reader.asked == [2, 4, 6]
    texts.read([4])
    assert reader.asked[-1] == 4


def test_a_walk_over_everything_pushes_nothing_out():
    reader = Counting()
    texts = Texts(reader, kept=2)
    texts.read([2, 4])
    texts.read([6, 8, 10])
    texts.read([2, 4])
    assert reader.asked == [2, 4, 6, 8, 10]
