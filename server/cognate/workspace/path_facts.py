"""What a path says about a file: its name's words, and whether it is a test, an example, docs or an index. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from cognate.languages.registry import INDEX_FILES, STUB_ENDS
from cognate.words import split_identifier, stem

_TEST = re.compile(
    r"(^|/)(tests?|testing|spec|specs|__tests__|__mocks__|fixtures?|testdata|e2e|conftest\.py)(/|$)|"
    r"(^|/)(test_[^/]*|[^/]*[._-](test|tests|spec)\.[^/.]+|[^/]*_test\.[^/]+|[^/]*(Test|Tests|Spec|IT)\.[a-z]+)$"
)
_EXAMPLE = re.compile(r"(?i)(^|/)(examples?|samples?|demos?|tutorials?|benchmarks?|docs_src|playground)(/|$)")
_DOCS = re.compile(
    r"(?i)(^|/)(docs?|documentation)(/|$)|\.(md|mdx|rst|adoc|txt)$|(^|/)(readme|changelog|history)[^/]*$"
)
_COMPAT = re.compile(r"(?i)(^|/)_*(compat|compatibility|legacy|deprecated|shims?|v1|polyfills?)[^/]*(/|$)")
_INDEX = re.compile(rf"(^|/)({'|'.join(map(re.escape, INDEX_FILES))})$")
_TYPES = re.compile(rf"({'|'.join(map(re.escape, STUB_ENDS))})$|(^|/)(types|typing|_types|_typing)\.[a-z]+$")
_CONFIGURATION = re.compile(
    r"(?i)\.(json|ya?ml|toml|ini|cfg|lock|xml|properties|css|scss|html?)$|(^|/)(Makefile|setup\.py)$"
)


@dataclass(frozen=True, slots=True)
class PathFacts:
    """Words of a file's name, and the file's kinds.

    Attributes:
        name_words: stems of the file name's words, extension left out; of its folder for an index file.
        kinds: any of ``test``, ``example``, ``docs``, ``compat``, ``index``, ``types``, ``configuration``.
    """

    name_words: tuple[str, ...]
    kinds: frozenset[str]


@lru_cache(maxsize=1 << 15)
def path_facts(path: str) -> PathFacts:
    """Return what a relative path says."""
    folder, _, name = path.rpartition("/")
    kinds = frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(path))
    base = name.lstrip(".").split(".")[0]
    if "index" in kinds and folder:
        base = folder.rpartition("/")[2]
    return PathFacts(_words(base), kinds)


_KINDS = {
    "test": _TEST,
    "example": _EXAMPLE,
    "docs": _DOCS,
    "compat": _COMPAT,
    "index": _INDEX,
    "types": _TYPES,
    "configuration": _CONFIGURATION,
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(w) for part in re.split(r"[^\w]+", text) for w in split_identifier(part)))
