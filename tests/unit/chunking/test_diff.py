from cognate.chunking import kept_chunks
from cognate.types import Chunk, Symbol


def chunk(text: str, line: int = 0, container: str = "", name: str = "") -> Chunk:
    symbols = (Symbol(name, "function", container, line, line + 1),) if name else ()
    return Chunk(line, line + 1, text, symbols, container)


def check(
    old: list[Chunk], new: list[Chunk], added: list[int], removed: list[int], kept: list[tuple[int, int]]
) -> None:
    found = kept_chunks(old, new)
    gone = sorted(set(range(len(old))).difference(found.values()))
    assert ([i for i in range(len(new)) if i not in found], gone) == (added, removed)
    assert [(before, now) for now, before in found.items()] == kept


def test_equal_lists_keep_everything():
    chunks = [chunk("a"), chunk("b", 1)]
    check(chunks, chunks, [], [], [(0, 0), (1, 1)])


def test_a_moved_chunk_is_kept():
    check([chunk("a"), chunk("b", 1)], [chunk("new"), chunk("b", 7), chunk("a", 9)], [0], [], [(1, 1), (0, 2)])


def test_a_changed_chunk_is_removed_and_added():
    check([chunk("a"), chunk("b", 1)], [chunk("a"), chunk("c", 1)], [1], [1], [(0, 0)])


def test_equal_chunks_are_paired_in_order():
    same = [chunk("a", line) for line in range(3)]
    check(same, same[:2], [], [2], [(0, 0), (1, 1)])
    check(same[:1], same, [1, 2], [], [(0, 0)])


def test_another_container_or_name_is_another_chunk():
    check([chunk("a")], [chunk("a", container="A")], [0], [0], [])
    check([chunk("a", name="f")], [chunk("a", name="g")], [0], [0], [])


def test_nothing_against_nothing():
    check([], [], [], [], [])
    check([], [chunk("a")], [0], [], [])
    check([chunk("a")], [], [], [0], [])
