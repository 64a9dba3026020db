import pytest
from lsprotocol.types import Position, Range

from cognate.errors import InvalidRequestError
from cognate.lsp import convert
from cognate.text_edits import character_index, code_units
from cognate.types import Hit, Symbol
from cognate.uris import child_uri, path_from_uri, uri_from_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/a.py", "/home/me/a.py"),
        ("file:///home/me/my%20code/a%2520b.py", "/home/me/my code/a%20b.py"),
        ("file:///tmp/gr%C3%BC%C3%9Fe/%E6%97%A5.py", "/tmp/grüße/日.py"),
        ("file://localhost/a.py", "/a.py"),
        ("file:///ws/../etc/passwd", "/etc/passwd"),
        ("file:///a%23b.py", "/a#b.py"),
        ("vscode-notebook-cell:/ws/n.ipynb#W2sZmlsZQ%3D%3D", "/ws/n.ipynb"),
        ("untitled:Untitled-1", None),
        ("git:/ws/a.py?ref", None),
        ("file://host/share/a.py", None),
        ("file:///a%00b", None),
        ("not a uri", None),
        ("", None),
        ("file://[", None),
    ],
)
def test_a_uri_names_a_path_or_nothing(uri: str, path: str | None) -> None:
    assert path_from_uri(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/me/a%20b.py", "c:\\Users\\me\\a b.py"),
        ("file:///C:/a.py", "c:\\a.py"),
        ("file:///c:", "c:\\"),
        ("file://server/share/x.py", "\\\\server\\share\\x.py"),
    ],
)
def test_a_windows_uri_names_a_windows_path(uri: str, path: str) -> None:
    assert path_from_uri(uri, windows=True) == path


@pytest.mark.parametrize("path", ["/a b/ü/%20.py", "/x/#?[].py", "/bad\udcff.py", "/a:b@c.py"])
def test_paths_come_back_through_their_uris(path: str) -> None:
    assert path_from_uri(uri_from_path(path, windows=False), windows=False) == path


@pytest.mark.parametrize("path", ["c:\\a b\\ü.py", "\\\\host\\share\\a.py"])
def test_windows_paths_come_back_through_their_uris(path: str) -> None:
    assert path_from_uri(uri_from_path(path, windows=True), windows=True) == path


def test_a_child_keeps_the_clients_spelling_of_the_folder() -> None:
    assert child_uri("file:///c%3A/my%20code/", "a b/ü.py") == "file:///c%3A/my%20code/a%20b/%C3%BC.py"


@pytest.mark.parametrize(
    ("folder", "path", "relative"),
    [
        ("/ws", "/ws/a/b.py", "a/b.py"),
        ("/ws/", "/ws/a.py", "a.py"),
        ("/", "/a.py", "a.py"),
        ("/ws", "/ws", None),
        ("/ws", "/wsx/a.py", None),
        ("/ws", "/WS/a.py", None),
    ],
)
def test_a_path_lies_in_a_folder_or_not(folder: str, path: str, relative: str | None) -> None:
    assert convert.relative_path(folder, path, windows=False) == relative


def test_windows_folders_ignore_case() -> None:
    assert convert.relative_path("c:\\Code", "C:\\code\\a\\B.py", windows=True) == "a/B.py"


def test_cell_uris_carry_handles_to_base_seven() -> None:
    assert convert.cell_handle("vscode-notebook-cell:/ws/n.ipynb#W2sZmlsZQ%3D%3D") == 2
    assert convert.cell_handle("vscode-notebook-cell:/ws/n.ipynb#X10sZmlsZQ==") == 7
    assert convert.cell_handle("vscode-notebook-cell:/ws/n.ipynb#strange") is None
    assert convert.cell_handle("file:///ws/n.ipynb#W2s") is None


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_code_units_and_characters_convert_both_ways(encoding: str, units: int) -> None:
    text = "aé😀"
    assert code_units(text, encoding) == units
    assert [character_index(text + "z", n, encoding) for n in (0, 1, units, units + 1, 99)] == [0, 1, 3, 4, 4]


def test_a_unit_inside_a_character_means_its_start() -> None:
    assert character_index("😀x", 1, "utf-16") == 0


@pytest.mark.parametrize(
    ("start", "end", "lines"),
    [((3, 5), (3, 5), (3, 4)), ((3, 0), (5, 0), (3, 5)), ((3, 0), (5, 1), (3, 6)), ((3, 0), (3, 0), (3, 4))],
)
def test_ranges_touch_lines(start: tuple[int, int], end: tuple[int, int], lines: tuple[int, int]) -> None:
    assert convert.lines_of(Range(Position(*start), Position(*end))) == lines


def test_a_range_must_not_run_backwards() -> None:
    with pytest.raises(InvalidRequestError, match="must not come before"):
        convert.lines_of(Range(Position(4, 0), Position(1, 0)))


def test_a_hit_is_told_in_the_clients_words() -> None:
    symbol = Symbol("run", "function", "Job", 4, 9)
    hit = Hit("a b.py", 4, 9, 6, "\t'😀' + x  ", 0.5, symbol, "python", "...", True, 2, {"dense": 0.1})
    told = convert.hit_payload(hit, "file:///ws", "utf-16")
    assert told.location.uri == "file:///ws/a%20b.py"
    assert told.location.range == Range(Position(4, 0), Position(9, 0))
    assert told.focus_range == Range(Position(6, 1), Position(6, 9))
    assert told.focus_text == "\t'😀' + x  "
    assert (told.stale, told.cell, told.why) == (True, 2, {"dense": 0.1})
    assert told.symbol is not None
    assert told.symbol.container == "Job"
