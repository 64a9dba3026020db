from cognate.chunking import chunk_file
from cognate.types import Chunk

PROSE = "Some words of prose that fill a line of a paragraph.\n"


def chunks_of(text: str) -> tuple[Chunk, ...]:
    chunked = chunk_file("README.md", text)
    assert chunked.language == "markdown"
    return chunked.chunks


def check(text: str, expected: str) -> None:
    """Check the headings: level by indentation of their container, with their lines."""
    found = [
        f"{symbol.container}>{symbol.name} {symbol.start_line}-{symbol.end_line}"
        for chunk in chunks_of(text)
        for symbol in chunk.symbols
    ]
    assert found == expected.split("\n")
    assert all(symbol.kind == "heading" for chunk in chunks_of(text) for symbol in chunk.symbols)


def test_headings_know_their_parents_and_reach_to_the_next_of_their_level():
    check(
        "# Title\n\nText.\n\n## Install\n\nText.\n\n### Linux\n\nText.\n\n## Use ##\n\nText.\n",
        ">Title 0-15\nTitle>Install 4-11\nTitle.Install>Linux 8-11\nTitle>Use 12-15",
    )


def test_underlined_headings_count():
    check("Title\n=====\n\nText.\n\nPart\n----\nText.\n", ">Title 0-8\nTitle>Part 5-8")


def test_fences_front_matter_and_lists_hold_no_headings():
    check("---\ntitle: x\n---\n# A\n\n```sh\n# not me\n```\n\n~~~\n## nor me\n~~~\n- item\n---\n", ">A 3-14")


def test_sections_are_bundled_only_under_one_parent():
    first, second, third = chunks_of("# A\n\nText.\n\n## A1\n\nText.\n\n## A2\n\nText.\n\n# B\n\nText.\n")
    assert [symbol.name for symbol in first.symbols] == ["A"]
    assert [symbol.name for symbol in second.symbols] == ["A1", "A2"]
    assert [symbol.name for symbol in third.symbols] == ["B"]
    assert second.container == "A"


def test_a_heading_without_text_stays_with_the_section_below():
    (chunk,) = chunks_of("# Title\n\n## Install\n\nText.\n")
    assert [symbol.name for symbol in chunk.symbols] == ["Title", "Install"]


def test_a_large_section_is_cut_between_paragraphs():
    paragraph = PROSE * 5
    chunks = chunks_of("# Title\n\n" + "\n".join([paragraph] * 20))
    assert len(chunks) > 3
    assert all(chunk.text.count(PROSE.strip()) % 5 == 0 for chunk in chunks)
    assert [chunk.container for chunk in chunks[1:]] == ["Title"] * (len(chunks) - 1)


def test_fenced_code_that_fits_is_not_cut():
    fence = "```python\n" + "x = 1\n\n" * 120 + "```\n"
    chunks = chunks_of("# Title\n\n" + PROSE * 20 + "\n" + fence + "\n" + PROSE * 20)
    assert sum(fence.strip() in chunk.text for chunk in chunks) == 1


def test_text_before_the_first_heading_is_a_chunk_of_its_own():
    first, second = chunks_of("Preface.\n\n# Title\n\nText.\n")
    assert first.text == "Preface."
    assert second.start_line == 2
