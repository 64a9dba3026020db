"""A glob of git's, name by name: what each name of a path must be, and whether a path fits. Pure, any thread.

Works on bytes, as git does, and follows git's ``dir.c`` and ``wildmatch.c`` (2.39) to the letter, oddities included;
the tests hold it to git itself. No glob makes matching backtrack without end. Knows nothing of lines and files.
"""

import re
import string
from collections.abc import Sequence

Parts = tuple[bytes, ...]
"""A path, split at its slashes."""

Segment = bytes | re.Pattern[bytes] | None
"""What one name of a path must be: this, like this, or (``**``) any number of names."""

Form = tuple[Segment, ...]

MOST_BRACES = 1000  # Globs that one line may stand for; what is left of its braces then means itself.

_NAME = re.compile(rb"(?s:.+)")
_SPECIAL = re.compile(rb"[*?\[\\]")
_STAR = b"*"

_CLASSES = {
    b"alnum": frozenset((string.ascii_letters + string.digits).encode()),
    b"alpha": frozenset(string.ascii_letters.encode()),
    b"blank": frozenset(b" \t"),
    b"cntrl": frozenset((*range(32), 127)),
    b"digit": frozenset(string.digits.encode()),
    b"graph": frozenset(range(33, 127)),
    b"lower": frozenset(string.ascii_lowercase.encode()),
    b"print": frozenset(range(32, 127)),
    b"punct": frozenset(string.punctuation.encode()),
    b"space": frozenset(b" \t\n\r"),
    b"upper": frozenset(string.ascii_uppercase.encode()),
    b"xdigit": frozenset(string.hexdigits.encode()),
}


def name_forms(glob: bytes) -> list[Form]:
    """Return the form of a glob without a slash, one segment; none when nothing can match it."""
    pieces: list[bytes] = []
    at = 0
    while at < len(glob):
        piece, at = _piece(glob, at)
        if piece is None:
            return []
        pieces.append(piece)
    return [(_segment(pieces),)] if pieces else []


def path_forms(glob: bytes) -> list[Form]:
    """Return the forms of a glob with a slash; none when nothing can match it.

    There is one, but where ``**/`` follows a literal start: git matches the literal start by itself, so that ``**``
    seems to stand first, and ``foo**/bar`` matches ``foobar`` and ``foo/x/bar``.
    """
    special = _SPECIAL.search(glob)
    start = special.start() if special else len(glob)
    *folders, name = glob[:start].split(b"/")
    forms: list[Form] = []
    todo: list[tuple[list[Segment], list[bytes], int]] = [([*folders], [re.escape(name)] if name else [], start)]
    while todo:
        done, pieces, at = todo.pop()
        begins, slash = at, 1
        while at < len(glob):
            if (deep := _deep(glob, at, begins)) is not None:
                at, slash = deep
                if pieces and slash == 1:
                    todo.append(([*done], [*pieces], at))
                done += [_segment([*pieces, _STAR]), None] if pieces else [None] if slash == 1 else [_NAME, None]
                pieces = []
                continue
            piece, at = _piece(glob, at)
            if piece is None:
                return []  # It stands in every form.
            if piece == b"/":
                done.append(_segment(pieces))
                pieces = []
            else:
                pieces.append(piece)
        forms.append((*done, _segment(pieces)) if slash else tuple(done))
    return [form for form in forms if b"" not in form]


def _deep(glob: bytes, at: int, begins: int) -> tuple[int, int] | None:
    """Return where a ``**`` that stands for folders ends, and how many bytes wrote the slash after it."""
    stop = at + len(glob[at:]) - len(glob[at:].lstrip(b"*"))
    if stop - at < 2 or not (at == begins or glob[at - 1 : at] == b"/"):  # noqa: PLR2004
        return None
    slash = 1 if glob[stop : stop + 1] == b"/" else 2 if glob[stop : stop + 2] == b"\\/" else 0
    return (stop + slash, slash) if slash or stop == len(glob) else None


def _piece(glob: bytes, at: int) -> tuple[bytes | None, int]:
    """Return the regular expression of the one byte that a glob wants at a place, and where it goes on.

    A star and a slash stand for themselves; None is what nothing can match.
    """
    char = glob[at : at + 1]
    if char == b"*":
        return _STAR, at + 1
    if char == b"?":
        return b".", at + 1
    if char == b"[":
        return _set(glob, at)
    if char == b"\\":
        at += 1
        char = glob[at : at + 1]
    return (re.escape(char) if char else None), at + 1


def _set(glob: bytes, at: int) -> tuple[bytes | None, int]:
    """Read ``[...]`` as ``wildmatch.c`` does, which is not quite as a regular expression would."""
    padded = glob + b"\0\0"
    at += 1
    negated = padded[at : at + 1] in {b"!", b"^"}
    at += negated
    members: set[int] = set()
    previous = 0
    while True:
        char = padded[at]
        if char == ord("\\"):
            at += 1
            char = padded[at]
            members.add(char)
        elif char == ord("-") and previous and padded[at + 1] not in {0, ord("]")}:
            at += 2 if padded[at + 1] == ord("\\") else 1
            members.update(range(previous, padded[at] + 1))
            char = 0 if padded[at] else -1
        elif char == ord("[") and padded[at + 1] == ord(":"):
            end = padded.find(b"]", at + 2)
            if end < 0:
                return None, at
            if end > at + 2 and padded[end - 1] == ord(":"):
                known = _CLASSES.get(padded[at + 2 : end - 1])
                if known is None:
                    return None, at
                members |= known
                at, char = end, 0
            else:
                members.add(char)
        else:
            char = char or -1
            members.add(char)
        if char < 0 or at >= len(glob):
            return None, at
        previous = char
        at += 1
        if padded[at] == ord("]"):
            break
    wanted = set(range(256)) - members if negated else members
    wanted -= {0, ord("/")}
    return (b"[" + b"".join(b"\\x%02x" % member for member in sorted(wanted)) + b"]" if wanted else None), at + 1


def _segment(pieces: Sequence[bytes]) -> Segment:
    """Return what a name must be, from expressions of one byte each and stars.

    What stands between two stars is taken where it first occurs, once and for all: later places cannot do better.
    """
    runs: list[list[bytes]] = [[]]
    for piece in pieces:
        if piece == _STAR:
            runs.append([])
        else:
            runs[-1].append(piece)
    first, *others = (b"".join(run) for run in runs)
    if not others:
        literal = re.sub(rb"\\(.)", rb"\1", first, flags=re.DOTALL)
        return literal if re.escape(literal) == first else re.compile(b"(?s:" + first + rb")\Z")
    middle = b"".join(b"(?=(?P<g%d>.*?%b))(?P=g%d)" % (i, run, i) for i, run in enumerate(others[:-1]) if run)
    return re.compile(b"(?s:" + first + middle + b".*" + others[-1] + rb")\Z")


def suffix_of(segment: Segment) -> bytes | None:
    """Return the literal that a segment such as ``*.py`` wants at the end of a name, if that is all it wants."""
    if not isinstance(segment, re.Pattern):
        return None
    start, end = b"(?s:.*", rb")\Z"
    source = segment.pattern
    if not (source.startswith(start) and source.endswith(end)):
        return None
    inner = source[len(start) : -len(end)]
    literal = re.sub(rb"\\(.)", rb"\1", inner, flags=re.DOTALL)
    return literal if literal and re.escape(literal) == inner else None


def fits(segment: Segment, name: bytes) -> bool:
    """Return whether a name is what a segment wants."""
    return segment == name if isinstance(segment, bytes) else segment is None or segment.match(name) is not None


def fits_path(form: Sequence[Segment], parts: Parts) -> bool:
    """Match name by name; on a failure, the last ``**`` takes one name more, which is all that can help."""
    at = i = 0
    after_deep, resume = -1, 0
    while i < len(parts):
        if at < len(form) and form[at] is None:
            at += 1
            after_deep, resume = at, i
        elif at < len(form) and fits(form[at], parts[i]):
            at += 1
            i += 1
        elif after_deep >= 0:
            resume += 1
            at, i = after_deep, resume
        else:
            return False
    return all(segment is None for segment in form[at:])


def leads_into(form: Sequence[Segment], folder: Parts, *, named: bool) -> bool:
    """Return whether names are left of a form when a folder's are used up."""
    places = _with_skips(form, {0})
    for i, name in enumerate(folder):
        reached = {place + 1 for place in places if form[place] is not None and fits(form[place], name)}
        if not (named and i == len(folder) - 1):
            reached |= {place for place in places if form[place] is None}
        places = _with_skips(form, reached)
    return bool(places)


def _with_skips(form: Sequence[Segment], places: set[int]) -> set[int]:
    """Return places, less those past the end, and those reached when a ``**`` stands for no name at all."""
    found: set[int] = set()
    for start in places:
        place = start
        while place < len(form):
            found.add(place)
            if form[place] is not None:
                break
            place += 1
    return found


def expand_braces(glob: str) -> list[str]:
    """Return the globs that one with ``{a,b}`` stands for, in order; braces without a partner mean themselves."""
    done: list[str] = []
    todo = [glob]
    while todo and len(done) + len(todo) <= MOST_BRACES:
        first = todo.pop()
        parts = _first_braces(first)
        if parts is None:
            done.append(first)
        else:
            before, choices, after = parts
            todo.extend(before + choice + after for choice in reversed(choices))
    return done + todo[::-1]


def _first_braces(glob: str) -> tuple[str, list[str], str] | None:
    """Return what stands before, in and after the first braces that close; a backslash takes their meaning away."""
    opened: list[int] = []
    commas: list[list[int]] = []
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "\\":
            at += 1
        elif char == "{":
            opened.append(at)
            commas.append([])
        elif char == "," and opened:
            commas[-1].append(at)
        elif char == "}" and opened:
            begin, cuts = opened.pop(), [*commas.pop(), at]
            starts = [begin + 1, *(cut + 1 for cut in cuts)]
            if not opened or "}" not in glob[at + 1 :]:
                choices = [glob[start:cut] for start, cut in zip(starts, cuts, strict=False)]
                return glob[:begin], choices, glob[at + 1 :]
        at += 1
    return None
