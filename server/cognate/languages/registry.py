"""Every language, and what the other rooms ask about it.

A language is a folder here: ``language.json`` holds its entry, see ``entries``, ``definitions.scm``, ``references.scm``
and ``injections.scm`` its queries. Entries are read when the module is imported, queries when they are first asked for.
Nothing changes afterwards, so any thread may ask. Knows no parser; ``docs/adding-a-language.md`` is the way in.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from cognate.languages.entries import ROOM, Language, Words, read_entries

MARKDOWN = "markdown"
MDX = "mdx"
NOTEBOOK = "notebook"
TEXT = "text"

OUTLINE = "outline.json"
DEFINITIONS = "definitions"
REFERENCES = "references"
INJECTIONS = "injections"

_LAUNCHERS = frozenset(
    {"bunx", "busybox", "doas", "env", "nice", "nix-shell", "npm", "npx", "pnpm", "pnpx", "stdbuf", "sudo", "yarn"}
)
"""What the first line of a script may start that starts the interpreter."""

_INCLUDE = re.compile(r"^; include: (\S+)\.scm\n", re.MULTILINE)
_JOINTS = re.compile(r"[\s._-]+")
_MEDIA_TYPE = re.compile(r"^[a-z-]+/(?:x-|vnd\.)?(?:[^;]*\+)?|\s*;.*")
_CLAIMED = 20_000  # Characters in which a shared suffix's file must show which language it is.


def language_of(path: str, head: str = "") -> str | None:
    """Name the language of a file, or ``notebook``; None when there is none.

    Args:
        path: the file's path or name; only the last part counts.
        head: the file's first two lines, to find an interpreter where the name tells nothing.
    """
    name = _base(path)
    language = _BY_FILE.get(name)
    if language is None and "." in name:
        language = _BY_FILE.get(f"{name.split('.', 1)[0]}.*") or _BY_SUFFIX.get(name.rsplit(".", 1)[-1])
    if language is None and head.startswith("#!"):
        language = _interpreted(head)
    return language


def text_language(language: str, path: str) -> str:
    """Name the language around a template's tags: for ``a.js.erb`` that of ``a.js``, else the usual one.

    Args:
        language: of the file; it has a template.
        path: the file's path or name.
    """
    entry = LANGUAGES[language]
    if entry.template_sign or entry.template is None:
        return language
    inner = LANGUAGES.get(language_of(_base(path).rpartition(".")[0]) or "")
    is_plain = inner is not None and inner.name != NOTEBOOK and (inner.template is None or bool(inner.template_sign))
    return inner.name if inner is not None and is_plain else entry.template.text


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].lower()


def _interpreted(head: str) -> str | None:
    """Name the language of a script by the first interpreter in its ``#!`` line, or in the second of a nix-shell."""
    lines = head.split("\n")[:2]
    words = " ".join(line.removeprefix("#!") for line in lines if line.startswith("#!")).split()
    launched = False
    for word in words:
        program = word.rsplit("/", 1)[-1].lower()
        language = _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(program.rstrip("0123456789."))
        if language is not None:
            return language
        if program in _LAUNCHERS:
            launched = True
        elif not launched:
            return None
    return None


def refine(language: str, path: str, text: str) -> str:
    """Correct the language by the text, for suffixes that languages share: a ``.h`` may be C++ or Objective-C.

    Of several languages that claim a text, the one wins that shows more often.

    Args:
        language: what ``language_of`` says, or ``text``.
        path: the file's path or name.
        text: its text.
    """
    suffix = path.rsplit(".", 1)[-1].lower()
    claimants = _CLAIMANTS.get(suffix, ())
    if not claimants or language != _BY_SUFFIX.get(suffix, TEXT):
        return language
    head = text[:_CLAIMED]
    found = [claimant for claimant in claimants if _shows(claimant, suffix, head)]
    if len(found) > 1:
        found.sort(key=lambda claimant: -len(_claim(claimant, suffix)[1].findall(head)))
    return found[0] if found else language


def _shows(language: str, suffix: str, head: str) -> bool:
    first, anywhere = _claim(language, suffix)
    return first.match(head) is not None or anywhere.search(head) is not None


@cache
def _claim(language: str, suffix: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a text begins with that a language claims, and what stands anywhere in it."""
    patterns = LANGUAGES[language].claims[suffix]
    first = [pattern for pattern in patterns if pattern.startswith("\\A")]
    anywhere = [pattern for pattern in patterns if not pattern.startswith("\\A")]
    return re.compile("|".join(first or ["(?!)"])), re.compile("|".join(anywhere or ["(?!)"]), re.MULTILINE)


def known_name(name: str) -> str | None:
    """Return the grammar's name for what people, editors and notebooks call a language; None when it is unknown."""
    name = name.lower()
    return name if name in LANGUAGES else _BY_ALIAS.get(name)


def called_language(word: str) -> str | None:
    """Return the grammar's name for a language that is called by name, suffix or media type; None when it is unknown.

    ``ts``, ``python3``, ``text/x-python`` and ``application/ld+json`` are such words.
    """
    return _said(_MEDIA_TYPE.sub("", word.strip().lower()))


def language_name(name: str) -> str:
    """Return the grammar's name for what people call a language, and an unknown name in lower case.

    Besides what ``known_name`` knows it may be a suffix or a file's name, and blanks, dots, hyphens, underscores and a
    version do not count: ``hs``, ``Objective C``, ``go.mod`` and ``python3`` are languages.
    """
    return _said(name) or name.lower()


def is_language(name: str) -> bool:
    """Return whether anything is known under what people call a language."""
    return _said(name) is not None


def _said(name: str) -> str | None:
    key = _key(name)
    return _BY_KEY.get(key) or _BY_KEY.get(key.rstrip("0123456789"))


def _key(name: str) -> str:
    return _JOINTS.sub("", name.lower()) or name.lower()


def entry_of(name: str) -> Language:
    """Return what is known of a language, or of the one that a family is named after; an empty entry for others."""
    return LANGUAGES.get(name) or Language(name)


def has_braced_bodies(name: str) -> bool:
    """Return whether a language writes the bodies of functions in braces; those with ``//`` for comments do."""
    return "//" in entry_of(name).comments


def with_dialects(names: Iterable[str]) -> frozenset[str]:
    """Return the grammars' names for what people call some languages, and those of the languages' dialects."""
    asked = {language_name(name) for name in names}
    return frozenset(asked | {name for name, language in LANGUAGES.items() if language.dialect_of in asked})


@cache
def query_text(language: str, kind: str) -> str:
    """Return a language's query, ``definitions``, ``references`` or ``injections``; empty when it has none."""
    if kind == DEFINITIONS and language in LANGUAGES:
        language = LANGUAGES[language].grammar or language
    return _scm(f"{language}/{kind}") if language in WITH_FOLDER else ""


@cache
def outline_entry(language: str) -> Mapping[str, Any]:
    """Return what a language's ``outline.json`` says of definitions found line by line; empty when it has none."""
    if language not in WITH_FOLDER:
        return MappingProxyType({})
    try:
        return MappingProxyType(json.loads((ROOM / language / OUTLINE).read_bytes()))
    except FileNotFoundError:
        return MappingProxyType({})


def _scm(name: str) -> str:
    """Read a query; a line ``; include: other/file.scm`` stands for that file's text."""
    try:
        text = (ROOM / f"{name}.scm").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return _INCLUDE.sub(lambda found: _scm(found[1]), text)


def _by(words_of: Callable[[Language], Iterable[str]]) -> dict[str, str]:
    return {word: name for name, language in LANGUAGES.items() for word in words_of(language)}


def _all(words_of: Callable[[Language], Iterable[str]]) -> Words:
    """Return what any language has, each once."""
    return tuple(sorted(_by(words_of)))


_PLAIN_TEXT = ("text", "txt", "plaintext", "plain")
LANGUAGES, WITH_FOLDER = read_entries()
"""Every language by the name of its grammar, and those that have queries."""

_BY_SUFFIX = _by(lambda language: language.suffixes)
_BY_FILE = _by(lambda language: language.files)
_BY_INTERPRETER = _by(lambda language: language.interpreters)
_BY_ALIAS = _by(lambda language: (*language.aliases, (language.title or language.name).lower()))
_BY_KEY = {
    _key(word): name
    for words in (_BY_FILE, _BY_SUFFIX, dict.fromkeys(_PLAIN_TEXT, TEXT), _BY_ALIAS, {name: name for name in LANGUAGES})
    for word, name in words.items()
}
"""What may be meant by a name, the most certain last."""

_CLAIMANTS = {
    suffix: [name for name, language in LANGUAGES.items() if suffix in language.claims]
    for suffix in _all(lambda language: language.claims)
}

COMMENT_STARTS = _all(lambda language: language.comments)
IMPORT_STARTS = _all(lambda language: language.import_starts)
IMPORT_BINDINGS = _all(lambda language: language.import_bindings)
INDEX_FILES = _all(lambda language: language.index_files)
STUB_ENDS = _all(lambda language: language.stub_ends)
FOLDER_STEMS = frozenset(_all(lambda language: language.modules.folder_files))
KEYWORDS = frozenset(_all(lambda language: language.keywords))
"""What all languages have together, for where a text's own language is not asked for."""
