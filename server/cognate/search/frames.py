"""Reads the locations that a pasted text names: frames of traces, ``file.py:42``, paths. Pure: text in, frames out.

Knows no workspace: ``locations`` says which of the files here a frame means.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cognate.languages.registry import language_of

MAX_FRAMES = 60
"""Frames that are looked for; of a recursion without end, the innermost and outermost say all."""

MAX_LINE = 1_000
"""Characters of a line; a longer one is data, not a frame."""

_TOKEN = r"(?<![\w./\\@+~%$-])[\w./\\@+~%$-]*\w"
_PLACE = re.compile(
    r'"(?P<quoted>[^"\n]+)", line (?P<quoted_line>\d+)'
    rf"|(?P<path>{_TOKEN})(?:\?[^\s:()]*)?(?::line |:|\((?=\d+(?:,\s?\d+)?\))|#L| on line |, line )"
    r"(?P<line>\d+)(?![\w.]*\w)(?:[:,-]L?\d+)*"
)
"""A path and a line, as Python, editors, browsers, compilers, C#, PHP and code hosts write them."""

_PATH = re.compile(r"(?<![\w./\\@:+~%-])(?:\w:)?(?P<path>[\w./\\@+~%-]*\.[A-Za-z]\w{0,9})(?![\w/\\(:]|\.\w)")
"""A path without a line: it has a suffix, and nothing follows that makes it a part of something longer."""

_FUNCTION = re.compile(
    r", in (?P<python>[\w.<>]+)\s*$"
    r"|^\s*at (?:async |new )*(?:[\w.$@-]+/+)*(?P<at>[^\s()]+)(?: \[as [^\]]*\])? ?\("
    r"|:in [`'](?P<ruby>[^']+)'"
    r"|\.exs?:\d+: (?P<elixir>\S.*?)/\d+\s*$"
    r"|^(?P<firefox>[^@\s]*)@\S+:\d+:\d+\s*$"
    r"|^\s*#\d+\s+(?:0x[0-9a-fA-F]+\s+in\s+)(?P<native>(?:\(anonymous namespace\)::)?[^\s(]+)"
    r"|^\s*#\d+\s+(?P<debugger>[\w:~<>]+) \(.*\) at "
)
_PHP_CALL = re.compile(r"^\s*#\d+ .*\(\d+\): ([\w\\:>{}-]+)\(")
_MESSAGE_BEHIND = re.compile(r":in [`'][^']+': (.+)")
"""Ruby writes what happened behind the innermost frame."""
_FUNCTION_ABOVE = re.compile(
    r"^(?:created by )?(?P<go>[\w./*()\[\]-]+\.[\w.*()\[\]-]+?)(?:\(.*\)| in goroutine \d+)?$"
    r"|^\s*\d+:\s+(?:0x[0-9a-f]+ - )?(?P<rust>\S.*)$"
)
"""Go and Rust write a frame in two lines: the function, then its location."""
_LOCATION_BELOW = re.compile(r"^\s+(?:at )?\S+:\d+")

_LAST_CALL_LAST = "(most recent call last)"
_CAUSE = ("Caused by:", "[cause]:", _LAST_CALL_LAST)
"""What begins the trace of a cause, below that of its consequence; in Python, of the next error."""

_NO_NAME = re.compile(
    r"::h[0-9a-f]{16}\b|\bObject\.<anonymous>|\{+closure.*?\}+"
    r"|<(?:anonymous|module|lambda|locals|main|top \(required\)|init|class:\w+)>"
    r"|\.func\d+(?:\.\d+)*|\.MoveNext\b|d__\d+|\blambda\$|\$\d+|g__|\|\d+_\d+|\.ctor\b|anonymous fn/\d+ in "
    r"|\banonymous(?: namespace)?\b|\b(?:block|rescue|ensure)(?: \(\d+ levels\))? in "
)
"""What compilers and interpreters add to the name of a function, or write where it has none."""
_WORD = re.compile(r"[^\W\d]\w*[?!]?")


@dataclass(frozen=True, slots=True)
class Frame:
    """A location that a text names.

    Attributes:
        path: as written, with ``/``; empty where only a function is named.
        line: 0-based, None where none is named.
        names: of the function, its containers first, its own name last; empty where it has none.
    """

    path: str
    line: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, and the locations that it names.

    Attributes:
        frames: where something happened, the innermost first.
        paths: files that are named without a line.
        is_trace: whether whole lines are frames.
        text: what is left to be compared with code: of a trace its message, else the text with its lines' numbers gone.
    """

    frames: tuple[Frame, ...]
    paths: tuple[str, ...]
    is_trace: bool
    text: str


def read_frames(text: str) -> Reading:
    """Read the locations out of a text; any text is allowed."""
    blocks: list[tuple[bool, list[Frame]]] = [(False, [])]
    left: list[str] = []
    is_trace = False
    above: tuple[str, ...] | None = None
    lines = text.splitlines() or [""]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if len(line) > MAX_LINE:
            left.append(line)
            continue
        if any(mark in line for mark in _CAUSE):
            blocks.append((_LAST_CALL_LAST in line, []))
        frames = blocks[-1][1]
        names, locations, is_below = _function_of(line), list(_locations_in(line)), bool(_LOCATION_BELOW.match(line))
        if names is None and is_below:
            names = above
        above = None
        if called := _PHP_CALL.match(line):
            _enclose_last(frames, names_of(called[1]))
        frames += [replace(location, names=names or ()) for location in locations]
        if names and not locations:
            frames.append(Frame("", None, names))
        elif not locations and _LOCATION_BELOW.match(below) and (function := _FUNCTION_ABOVE.match(line)):
            above = names_of(function["go"] or function["rust"])
        elif names is None and not called and not (locations and is_below) and _LAST_CALL_LAST not in line:
            left.append(_without_lines(line) if locations else line)
            continue
        is_trace = True
        if message := _MESSAGE_BEHIND.search(line):
            left.append(message[1])
    frames = [frame for is_reversed, some in reversed(blocks) for frame in (reversed(some) if is_reversed else some)]
    rest = "\n".join(left).strip()
    return Reading(
        tuple(_ends(list(dict.fromkeys(frames)))),
        tuple(dict.fromkeys(_normal(found["path"]) for found in _PATH.finditer(rest[:MAX_LINE]))),
        is_trace,
        rest or " ".join(_words_of(frames)),
    )


def names_of(function: str) -> tuple[str, ...]:
    """Return the names in a function as a trace writes it, without what compilers add: ``Foo.<init>`` is ``Foo``."""
    return tuple(_WORD.findall(_NO_NAME.sub(" ", function.partition("/")[0] if ".exs" in function else function)))


def _function_of(line: str) -> tuple[str, ...] | None:
    """Return the names of the function that a frame's line says it is in, None for a line that says none."""
    found = _FUNCTION.search(line)
    return names_of(found[found.lastgroup]) if found and found.lastgroup else None


def _locations_in(line: str) -> Iterator[Frame]:
    for found in _PLACE.finditer(line):
        path = found["quoted"] or found["path"]
        if _may_be_file(found):
            yield Frame(_normal(path), max(0, int(found["quoted_line"] or found["line"]) - 1))


def _may_be_file(found: re.Match[str]) -> bool:
    """Return whether what stands before a number is more likely a file than a call, a host or a version."""
    path: str | None = found["path"]
    return path is None or "/" in path or "\\" in path or language_of(path) is not None


def _normal(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)


def _enclose_last(frames: list[Frame], called: tuple[str, ...]) -> None:
    """Name the function of the frame before: PHP writes what was called at a location, not what the location is in."""
    if frames and not frames[-1].names:
        frames[-1] = replace(frames[-1], names=called)


def _without_lines(line: str) -> str:
    return _PLACE.sub(lambda found: (found["quoted"] or found["path"]) if _may_be_file(found) else found[0], line)


def _words_of(frames: Sequence[Frame]) -> Iterator[str]:
    """Yield the functions' names and the files' stems, each once: what a trace without a message can be compared by."""
    stems = (frame.path.rpartition("/")[2].partition(".")[0] for frame in frames)
    names = (frame.names[-1] for frame in frames if frame.names)
    return iter(dict.fromkeys(word for word in (*names, *stems) if word))


def _ends(frames: list[Frame]) -> list[Frame]:
    half = MAX_FRAMES // 2
    return frames if len(frames) <= MAX_FRAMES else [*frames[:half], *frames[-half:]]
