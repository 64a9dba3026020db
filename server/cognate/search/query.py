"""Reads a query as people type it: filters, quoted phrases, names in any style, plain words; and sets filters. Pure."""

import re
from dataclasses import dataclass, replace

from cognate.languages.registry import language_name
from cognate.search.frames import Frame, read_frames
from cognate.types import Scope
from cognate.words import STOP_WORDS, identifiers, name_key, split_identifier, stem

MAX_CHARS = 2000  # The encoder reads 64 tokens; what is pasted beyond this is a mistake or a log.
MAX_TRACE_CHARS = 50_000  # In which frames are looked for: a trace is long, and in Python its end says most.

_FILTER = re.compile(r'(?<!\S)(-?)(lang|language|path|file|folder):(?!//)("[^"]*"|\S+)')
LANGUAGE, PATH = "lang", "path"
"""The kinds of filters, by their shortest names."""

_PHRASE = re.compile(r'"([^"\n]+)"')
_QUOTED = re.compile(r"(?<!\w)'([^'\n]{1,80})'(?!\w)|`([^`\n]{1,80})[`']")
_NAME = re.compile(r"[\w$@]+(?:(?:\.|::|->|#|/|-(?=\w))[\w$]+)*[!?]?")
SEPARATOR = re.compile(r"\.|::|->|#|/")  # Between the parts of a qualified name.
COMPOUND = re.compile(r"[a-z0-9][A-Z]|[A-Za-z0-9]_[A-Za-z0-9]|^_+\w|[A-Z]{2,}[a-z]|\w(?:\.|::|->)\w")
"""What a name of several words, or a qualified one, has and a plain word has not."""

TEST_WORDS = frozenset({"test", "tests", "testing", "tested", "spec", "specs", "fixture", "fixtures", "mock", "mocks"})
EXAMPLE_WORDS = frozenset({"example", "examples", "sample", "samples", "demo", "demos", "tutorial", "benchmark"})
DOCS_WORDS = frozenset({"readme", "docs", "documentation", "changelog", "guide", "tutorial", "markdown"})

USAGE_WORDS = frozenset(
    {
        "call", "calls", "called", "caller", "callers", "calling", "invoke", "invokes", "invoked", "usage", "usages",
        "used", "uses", "registered", "registers", "referenced", "references", "instantiated", "constructed",
    }
)  # fmt: skip
"""Words that ask for the code that uses a name rather than for its definition."""

KIND_WORDS = frozenset(
    {
        "class", "classes", "struct", "structs", "function", "func", "def", "method", "methods", "interface", "trait",
        "enum", "type", "typedef", "macro", "constant", "module", "namespace", "definition", "constructor", "variable",
    }
)  # fmt: skip
"""Words beside which a plain word is likely a name: ``struct client``, ``client struct``."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read.

    Attributes:
        text: what is left without filters; the encoder reads this.
        words: stems of the words that carry meaning, each once, in order.
        names: names written in it, lower case, their qualifier removed: ``A::b`` gives ``b``.
        qualifiers: for each name, what it was qualified with, lower case, or empty.
        literals: pieces of code to look for as they stand: compound and dotted names, names in quotes.
        quoted: text in single quotes or backticks, such as messages quote what they are about.
        is_symbol: the whole query is one name.
        scope: from filters in the text.
        frames: locations named by a path with a line or a stack trace, the innermost first.
        paths: what may be a file that is named without a line.
        wants: what is asked for by a word: kinds of files (``test``, ``example``, ``docs``), or ``usage``.
    """

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    qualifiers: tuple[str, ...]
    literals: tuple[str, ...]
    quoted: tuple[str, ...]
    is_symbol: bool
    scope: Scope
    wants: frozenset[str]
    frames: tuple[Frame, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What each name is, however its words are joined, see ``name_key``."""
        return tuple(map(name_key, self.names))

    def reread(self, text: str) -> "Query":
        """Return the query with another text; what was not part of the text stays."""
        return replace(read_query(text), scope=self.scope, frames=self.frames, paths=self.paths)

    def as_file(self) -> "Query":
        """Return the query, whose whole text turned out to be the path of a file, not a name with a qualifier."""
        return replace(self, names=(), qualifiers=(), literals=(), is_symbol=False)


def read_query(raw: str) -> Query:
    """Read a query; any text is a query, and an empty one has no words.

    It is cut to a length that makes sense, and the half surrogate pairs that JSON may hold are replaced.
    """
    reading = read_frames(raw[:MAX_TRACE_CHARS].encode("utf-8", "replace").decode())
    text, scope = _take_filters(reading.text[:MAX_CHARS])
    # A trace quotes what its message is about, not what the code must hold.
    phrases = () if reading.is_trace else tuple(p.strip() for p in _PHRASE.findall(text) if p.strip())
    quoted = tuple((one or other).strip() for one, other in _QUOTED.findall(text))
    text = " ".join(text.replace('"', " ").split())
    tokens = _NAME.findall(text)
    is_symbol = len(tokens) == 1 and bool(tokens[0].strip("0123456789"))
    beside = _beside_kind_words(tokens)
    spelled = [
        t
        for t in tokens
        if is_symbol or t in beside or t in quoted or COMPOUND.search(t) or (t[:1].isupper() and t != tokens[0])
    ]
    names: list[str] = []
    qualifiers: list[str] = []
    for token in spelled:
        parts = [p for p in SEPARATOR.split(token) if p]
        if parts:
            names.append(parts[-1].lower().rstrip("!?"))
            qualifiers.append(parts[-2].lower() if len(parts) > 1 else "")
    literals = tuple(t for t in tokens if COMPOUND.search(t) or is_symbol or t in quoted)
    lowered = {part for identifier in identifiers(text) for part in (identifier.lower(), *split_identifier(identifier))}
    wants = {kind for kind, wanted in _WANTED.items() if lowered & wanted}
    return Query(
        text=text,
        words=_stems(text),
        names=tuple(names),
        qualifiers=tuple(qualifiers),
        literals=literals,
        quoted=quoted,
        is_symbol=is_symbol,
        scope=replace(scope, phrases=phrases),
        wants=frozenset(wants),
        frames=reading.frames,
        paths=reading.paths,
    )


def with_filter(query: str, kind: str, value: str = "") -> str:
    """Return a query with another filter of a kind, LANGUAGE or PATH, or with none; those that leave out stay."""
    others = _FILTER.sub(lambda found: found[0] if found[1] or _kind(found[2]) != kind else " ", query)
    quoted = f'"{value}"' if re.search(r"\s", value) else value
    return " ".join(f"{others} {kind}:{quoted}".split() if value else others.split())


def with_suggestion(query: str, suggestion: str) -> str:
    """Return a query with what an answer suggests: a word more, or a filter in place of the one of its kind.

    The pattern of a suffix stands for a language.
    """
    found = _FILTER.fullmatch(suggestion)
    if found is None:
        return f"{query.strip()} {suggestion}"
    value = found[3].strip('"')
    return with_filter(with_filter(query, LANGUAGE) if value.startswith("*.") else query, _kind(found[2]), value)


def _kind(key: str) -> str:
    return LANGUAGE if key in {"lang", "language"} else PATH


def _beside_kind_words(tokens: list[str]) -> frozenset[str]:
    """Return the plain words next to a word for a kind of definition, after it rather than before it."""
    found: set[str] = set()
    for position, token in enumerate(tokens):
        if token.lower() not in KIND_WORDS:
            continue
        for neighbour in (tokens[position + 1 : position + 2], tokens[max(0, position - 1) : position]):
            if neighbour and neighbour[0].lower() not in KIND_WORDS and neighbour[0].lower() not in STOP_WORDS:
                found.add(neighbour[0])
                break
    return frozenset(found)


def is_qualified(name: str) -> bool:
    """Return whether a name says where it belongs: ``os.path``, ``A::b``, ``a->b``."""
    return any(separator in name for separator in (".", "::", "->"))


_WANTED = {"test": TEST_WORDS, "example": EXAMPLE_WORDS, "docs": DOCS_WORDS, "usage": USAGE_WORDS}


def _stems(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    stopped: dict[str, None] = {}
    for identifier in identifiers(text):
        parts = split_identifier(identifier)
        for part in parts:
            (stopped if part in STOP_WORDS else found)[stem(part)] = None
        if len(parts) > 1:
            found[stem(name_key(identifier))] = None
    return tuple(found or stopped)  # A query of stop words alone, such as "with", means just them.


def _take_filters(raw: str) -> tuple[str, Scope]:
    include: list[str] = []
    exclude: list[str] = []
    languages: set[str] = set()
    without_languages: set[str] = set()

    def take(match: re.Match[str]) -> str:
        minus, key, value = match.group(1), match.group(2), match.group(3).strip('"')
        if _kind(key) == LANGUAGE:
            (without_languages if minus else languages).update(language_name(v) for v in value.split(",") if v)
        else:
            (exclude if minus else include).append(value)
        return " "

    text = _FILTER.sub(take, raw)
    return text, Scope(
        tuple(include),
        tuple(exclude),
        frozenset(languages),
        without_languages=frozenset(without_languages),
    )
