"""Patterns in .gitignore syntax: one line to a ``Pattern``, many to a ``PatternList``.

For files with rules and for the setting ``exclude``; the globs of a search are read by ``search.scope``. pathspec says
what a pattern matches; a plain name and ``*.py`` need no asking.
Pure, any thread: reads no file and knows no precedence between files. Works on bytes, as git does.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

log = logging.getLogger(__name__)

MOST_BRACES = 1000  # Globs that one line may stand for; what is left of its braces then means itself.
MOST_STARS, MOST_DEEP = 3, 2
"""``*`` in one name, and ``**`` before the last name. Matching takes the length of a path to the power of these."""

_SPECIAL = re.compile(rb"[*?\[\\]")
_STARS = re.compile(rb"(\\.)|\*+", re.DOTALL)
_BRACES = re.compile(r"(?<!\\)\{((?:[^{}\\]|\\.)*)\}")
_SET = re.compile(rb"\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]")
_CLOSED = re.compile(rb"\\.|" + _SET.pattern, re.DOTALL)
_CLASS = re.compile(rb"\[:(\w+):\]")
_CLASSES = {
    b"alnum": b"0-9A-Za-z", b"alpha": b"A-Za-z", b"blank": b" \t", b"cntrl": b"\x01-\x1f\x7f", b"digit": b"0-9",
    b"graph": b'"-~!', b"lower": b"a-z", b"print": b" -~", b"punct": b":-@!-.[-`{-~", b"space": b" \t\n\r",
    b"upper": b"A-Z", b"xdigit": b"0-9A-Fa-f",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file.

    Attributes:
        text: as written, for people.
        line: its position in the source; of two that match, the greater counts.
        negated: written with ``!``.
        folders_only: written with ``/`` at its end.
        anywhere: has no other slash, so it is about a name at any depth.
        glob: without ``!`` and without a slash at either end.
    """

    text: str
    line: int
    negated: bool
    folders_only: bool
    anywhere: bool
    glob: bytes

    def fits(self, path: bytes) -> bool:
        """Return whether it matches a path itself, not only a folder above it, whatever kind of file that is."""
        return _fits(self.glob, path.rpartition(b"/")[2] if self.anywhere else path)

    def could_fit_beneath(self, folder: bytes, *, named: bool = False) -> bool:
        """Return whether it has a slash and could match something in a folder or deeper.

        Args:
            folder: the folder's path.
            named: ask for more, that a part of the pattern other than ``**`` stands for the folder itself.
        """
        parts = self.glob.split(b"/")
        if parts[-1] != b"**":
            parts.pop()
        starts = (parts[: i + 1] for i, part in enumerate(parts) if not (named and part == b"**"))
        return not self.anywhere and any(_fits(b"/".join(start), folder) for start in starts)


class PatternList:
    """Patterns of one source; the last that matches counts. Looked up by the name or the ending that they ask for."""

    __slots__ = ("_by_ending", "_by_name", "_endings", "_others", "patterns")

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._by_name: dict[bytes, list[tuple[Pattern, bool]]] = {}
        self._by_ending: dict[bytes, list[tuple[Pattern, bool]]] = {}
        self._others: list[tuple[Pattern, bool]] = []
        for pattern in self.patterns:
            name = pattern.glob.rpartition(b"/")[2]
            entry = (pattern, pattern.anywhere)
            if not _SPECIAL.search(name):
                self._by_name.setdefault(name, []).append(entry)
            elif len(name) > 1 and name.startswith(b"*") and not _SPECIAL.search(name, 1):
                self._by_ending.setdefault(name[1:], []).append(entry)
            else:
                self._others.append((pattern, False))
        self._endings = tuple(self._by_ending)

    def last_match(self, path: bytes, name: bytes, *, is_folder: bool) -> Pattern | None:
        """Return the last pattern that matches a path, or None.

        Args:
            path: relative to where the patterns stand.
            name: the last part of it.
            is_folder: whether it is a folder's.
        """
        candidates = self._by_name.get(name, _NONE)
        if name.endswith(self._endings):
            more = [each for ending, entries in self._by_ending.items() if name.endswith(ending) for each in entries]
            candidates = [*candidates, *more]
        if self._others:
            candidates = [*candidates, *self._others]
        best: Pattern | None = None
        for pattern, is_sure in candidates:
            if best is not None and pattern.line < best.line:
                continue
            if (is_folder or not pattern.folders_only) and (is_sure or pattern.fits(path)):
                best = pattern
        return best


_NONE: list[tuple[Pattern, bool]] = []


def read_patterns(data: bytes) -> PatternList:
    """Return the patterns of an ignore file's bytes."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    found = (parse_line(line.removesuffix(b"\r"), number) for number, line in enumerate(lines, 1))
    return PatternList(pattern for pattern in found if pattern is not None)


def patterns_of(lines: Sequence[str]) -> PatternList:
    """Return the patterns of lines that stand in no file, such as a setting's; an editor's ``{a,b}`` means each."""
    globs = ((glob, number) for number, line in enumerate(lines) for glob in expand_braces(line))
    found = (parse_line(glob.encode("utf-8", "replace"), number) for glob, number in globs)
    return PatternList(pattern for pattern in found if pattern is not None)


def parse_line(line: bytes, number: int) -> Pattern | None:
    """Return the pattern of a line, or None for a comment, a blank line and what can match nothing."""
    line = line.partition(b"\0")[0]
    if line.startswith(b"#"):
        return None
    body = _without_trailing_spaces(line)
    negated = body.startswith(b"!")
    glob = body[negated:]
    folders_only = glob.endswith(b"/")
    glob = glob[: len(glob) - folders_only]
    anywhere = b"/" not in glob
    glob = glob.removeprefix(b"/")
    if glob.startswith(b"**/") and glob.count(b"/") == 1:  # "**/name" says the same as "name", which is faster.
        anywhere, glob = True, glob[3:]
    text = body.decode("utf-8", "backslashreplace")
    return Pattern(text, number, negated, folders_only, anywhere, glob) if glob else None


def expand_braces(glob: str) -> list[str]:
    """Return the globs that one with ``{a,b}`` stands for; braces without a partner mean themselves."""
    done: list[str] = []
    todo = [glob]
    while todo and len(done) + len(todo) <= MOST_BRACES:
        first = todo.pop()
        braces = _BRACES.search(first)
        if braces is None:
            done.append(first)
        else:
            choices = reversed(braces[1].split(","))
            todo.extend(first[: braces.start()] + choice + first[braces.end() :] for choice in choices)
    return done + todo[::-1]


def _without_trailing_spaces(line: bytes) -> bytes:
    kept = len(line.rstrip(b" "))
    n_backslashes = kept - len(line[:kept].rstrip(b"\\"))
    return line[: kept + 1] if n_backslashes % 2 else line[:kept]


def _fits(glob: bytes, path: bytes) -> bool:
    if b"**" not in glob and glob.count(b"/") != path.count(b"/"):
        return False  # For pathspec, "[!a]" matches a slash, too.
    compiled = _compiled(glob)
    match = None if compiled is None else compiled.search(path)
    return match is not None and match.lastindex is None  # pathspec's only group marks a match of a folder above.


@lru_cache(maxsize=1 << 14)
def _compiled(glob: bytes) -> re.Pattern[bytes] | None:
    """Return pathspec's regular expression for a glob, or None when it cannot be read or would take too long."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - most names need no asking

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # re warns of "[[", which git takes literally, too.
            return GitIgnoreSpecPattern(b"/" + _plain(glob)).regex
    except (ValueError, re.error) as error:
        log.info("The pattern %r is ignored: %s", glob, error)
        return None


def _plain(glob: bytes) -> bytes:
    """Return a glob in the words that pathspec knows: one star for many, no named classes, no space at the end.

    Raises:
        ValueError: when it names an unknown class, has a set without an end, or matching it would take too long.
    """
    parts: list[bytes] = []
    for part in _SET.sub(lambda found: _CLASS.sub(_members, found[0]), glob).split(b"/"):
        parts.append(b"**" if len(part) > 1 and not part.strip(b"*") else _STARS.sub(lambda m: m[1] or b"*", part))
        if parts[-1] != b"**" and parts[-1].count(b"*") > MOST_STARS:
            raise ValueError(f"more than {MOST_STARS} stars in one name")
    if parts[:-1].count(b"**") > MOST_DEEP:
        raise ValueError(f"more than {MOST_DEEP} times ** before the last name")
    plain = b"/".join(parts)
    last = plain[-1:]
    if last.decode("latin-1").isspace():  # pathspec would strip it, even as the last byte of a letter.
        if b"[" in _CLOSED.sub(b"", plain):  # What is put in for the space would close it.
            raise ValueError("a set of characters has no end")
        plain = plain[:-1].removesuffix(b"\\") + b"[" + last + b"]"
    return plain


def _members(named: re.Match[bytes]) -> bytes:
    if named[1] not in _CLASSES:
        raise ValueError(f"[:{named[1].decode()}:] is not a class of characters")
    return _CLASSES[named[1]]


# -- .gitattributes

LINGUIST_GENERATED = "linguist-generated"
LINGUIST_VENDORED = "linguist-vendored"

_FIELDS = re.compile(rb"[ \t\r]+")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"[ \t\r]*')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass(frozen=True, slots=True)
class AttributeList:
    """The lines of one source that speak of one attribute; the last that matches a file counts.

    Attributes:
        patterns: which files.
        values: by line, True when it sets the attribute, False when it unsets it, None when it withdraws it.
    """

    patterns: PatternList
    values: Mapping[int, bool | None]


def read_attributes(data: bytes) -> dict[str, AttributeList]:
    """Return by name what the bytes of a ``.gitattributes`` say of the two attributes; macros do not count."""
    lists: dict[str, AttributeList] = {}
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if b"linguist-" in data else []
    rows = [(number, *_glob_and_fields(line.strip(b" \t\r"))) for number, line in enumerate(lines, 1)]
    for name in (LINGUIST_GENERATED, LINGUIST_VENDORED):
        found: list[Pattern] = []
        values: dict[int, bool | None] = {}
        for number, glob, fields in rows:
            given = [value for field in fields for value in _value(field, name.encode())]
            if given and not glob.startswith((b"!", b"[attr]")):  # Git forbids negated patterns here.
                pattern = parse_line(glob, number)
                found += [] if pattern is None else [pattern]
                values[number] = given[-1]
        if found:
            lists[name] = AttributeList(PatternList(found), values)
    return lists


def _glob_and_fields(line: bytes) -> tuple[bytes, Sequence[bytes]]:
    quoted = _QUOTED.match(line)
    if quoted is not None:
        return _ESCAPE.sub(_unescaped, quoted[1]), _FIELDS.split(line[quoted.end() :])
    glob, *fields = _FIELDS.split(line)
    return glob, fields


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if len(code) == 3 else _ESCAPED.get(code, code)  # noqa: PLR2004 - octal digits


def _value(field: bytes, name: bytes) -> list[bool | None]:
    """Return the value that a field gives an attribute: none, one, or one that is None for ``!name``."""
    if field == b"!" + name:
        return [None]
    if field == b"-" + name:
        return [False]
    key, equals, value = field.partition(b"=")
    return [not equals or value.lower() not in {b"false", b"0", b"no"}] if key == name else []


# -- built in

VERSION_CONTROL = frozenset({b".git", b".hg", b".svn", b".jj"})
"""Never indexed: nothing takes these back."""

DEPENDENCIES = "installed dependencies"
VENDORED = "vendored code"
LOCK_FILES = "lock files"
GENERATED = "minified or generated by name"

_BUILT_IN = {
    DEPENDENCIES: (
        "node_modules/", "bower_components/", "site-packages/", ".venv/", "venv/", ".tox/", ".nox/", "Pods/",
        ".bundle/", ".yarn/",
    ),
    VENDORED: ("vendor/", "third_party/", "thirdparty/", "vendored/", "_vendor/"),
    "tool caches and build output": (
        "__pycache__/", ".cache/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".gradle/", ".idea/", ".next/",
        ".nuxt/", ".terraform/", "*.egg-info/", "*.dist-info/", ".eggs/",
    ),
    LOCK_FILES: (
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock",
        "poetry.lock", "pdm.lock", "uv.lock", "Pipfile.lock", "Cargo.lock", "composer.lock", "Gemfile.lock",
        "Podfile.lock", "pubspec.lock", "packages.lock.json", "mix.lock", "go.sum", "flake.lock", "*.lockb",
    ),
    GENERATED: (
        "*.min.js", "*.min.mjs", "*.min.css", "*.bundle.js", "*-min.js", "*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py",
        "*.pb.go", "*.pb.cc", "*.pb.h", "*.g.dart", "*.freezed.dart", "*.designer.cs", "*.Designer.cs",
    ),
    "source maps": ("*.map",),
    "binary by name": (
        "*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp", "*.ico", "*.bmp", "*.pdf", "*.zip", "*.gz", "*.xz", "*.bz2",
        "*.7z", "*.tar", "*.whl", "*.jar", "*.class", "*.so", "*.dll", "*.dylib", "*.exe", "*.o", "*.a", "*.lib",
        "*.pyc", "*.pyo", "*.pyd", "*.woff", "*.woff2", "*.ttf", "*.otf", "*.eot", "*.mp3", "*.mp4", "*.mov", "*.wav",
        "*.onnx", "*.safetensors", "*.npy", "*.npz", "*.parquet", "*.sqlite", "*.db", "*.bin",
    ),
    "data rather than code": ("*.svg", "*.csv", "*.tsv", "*.jsonl", "*.ndjson", "*.log", "*.hash", "*.sum", "*.po"),
}  # fmt: skip
"""By kind. Lines of the setting ``exclude``, ``.cognateignore`` and ``.gitattributes`` take back; git's do not."""

DATA_SUFFIXES = frozenset({".json", ".xml", ".yaml", ".yml", ".toml", ".txt", ".rst"})
NOTEBOOK_SUFFIX = ".ipynb"
NOTEBOOK_LIMIT_BYTES = 50_000_000
"""Larger notebooks are not read, whatever their cells hold: one takes five times its size of memory while it is."""
DATA_LIMIT_BYTES = 200_000  # Hand-written files of these kinds are smaller; larger ones are data or generated.

KINDS = tuple(kind for kind, lines in _BUILT_IN.items() for _ in lines)
"""The kind of each built-in pattern, by its ``line``."""


@cache
def built_in(without: frozenset[str] = frozenset()) -> PatternList:
    """Return the built-in patterns but those of some kinds."""
    every = patterns_of([line for lines in _BUILT_IN.values() for line in lines])
    return PatternList(pattern for pattern in every.patterns if KINDS[pattern.line] not in without)
