"""Every language, and what the other rooms ask about it.

A language is a folder here: ``language.json`` holds its entry, ``definitions.scm``, ``references.scm`` and
``injections.scm`` its queries. ``plain.json`` holds the entries of languages that have no queries, or not even a
grammar. Entries are read when the module is imported, queries when they are first asked for. Nothing changes
afterwards, so any thread may ask. Knows no parser; ``docs/adding-a-language.md`` is the way in.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

MARKDOWN = "markdown"
MDX = "mdx"
NOTEBOOK = "notebook"
TEXT = "text"

ROOM = Path(__file__).parent
ENTRY = "language.json"
PLAIN = "plain.json"
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

Words = tuple[str, ...]
"""In JSON a string with spaces between the words, or a list where a word has a space in it."""


class Modules(NamedTuple):
    """How the imports of a family name files.

    Attributes:
        named_by: what an import calls a file: its path without suffix (``stem``), its ``path``, or its ``folder``.
        folder_files: names, without suffix, of files that stand for their folder.
        dropped_ends: further ends of a stem that an import leaves out, such as ``.d`` of ``a.d.ts``.
        never_imported: ends of file names that nothing can import.
        may_end_in_symbol: whether the last part of a relative import may be a definition in the file.
        matched_by_end: whether imports begin with a name that is no folder of the workspace.
        begins_with_crate: whether the first part may be the name of a package of the workspace.
        one_word_is_a_package: whether an import of one part never means a file.
        else_anywhere: whether an import that names nothing beside its file is looked for in the whole workspace.
        outside: first parts of imports that always lead out of the workspace.
    """

    named_by: str = "stem"
    folder_files: Words = ()
    dropped_ends: Words = ()
    never_imported: Words = ()
    may_end_in_symbol: bool = False
    matched_by_end: bool = False
    begins_with_crate: bool = False
    one_word_is_a_package: bool = False
    else_anywhere: bool = False
    outside: Words = ()


Delimiters = Sequence[tuple[str, str]]
"""Patterns of what opens a kind of tag and of what closes it."""


class Template(NamedTuple):
    """How files are written that are text in another language with tags in it.

    Attributes:
        statements: tags that do something.
        prints: tags that stand for a value; one that could also open a statement is a print.
        comments: tags that mean nothing; one that could also open another tag is a comment.
        text: language of the text around the tags, where the file's name does not say one.
        code: language inside the tags; empty where it is the template's own.
        definitions: kind of definition → pattern of all that stands in the tag that opens one, with its ``name``; a tag
            that begins with ``end`` and the first word of it closes it.
    """

    statements: Delimiters = ()
    prints: Delimiters = ()
    comments: Delimiters = ()
    text: str = "html"
    code: str = ""
    definitions: Mapping[str, str] = MappingProxyType({})


class Language(NamedTuple):
    """The entry of a language. All but the name may be absent.

    This is a named tuple: as a dataclass it would add 2 ms to every start.

    Attributes:
        name: of the grammar, of the folder, and in every answer.
        title: as people write it; also understood where people name a language.
        aliases: what else people, editors and notebooks call it, lower case.
        dialect_of: language whose askers mean this one, too.
        suffixes: of its files, lower case, without the dot.
        files: whole names of files, lower case; ``name.*`` stands for any suffix.
        interpreters: names in the first line of a script, without version.
        claims: suffix of another language, or of none → patterns, of which one in the text makes the file this
            language's; one anchored at the text's beginning is looked for there only.
        index_files: names of files that stand for their folder.
        stub_ends: ends of the names of files that only declare types.
        comments: what a line of comment begins with.
        import_starts: what a line begins with that imports.
        import_bindings: what a line begins with that may import, or bind something else.
        import_style: name of the reader in ``imports`` for what ``references.scm`` captures as ``imported``.
        family: languages that can use each other's definitions, by the name of one of them.
        package_manager: what others know the family's packages by.
        exported_by_path: whether the path alone tells how other workspaces import a file of the family.
        modules: how the family's imports name files.
        keywords: words that tell a language from another, not code from code; the embedding text leaves out those of
            all languages.
        built_in: names that every file has without an import.
        name_characters: what a name may hold besides letters, digits and ``_``.
        without_grammar: whether no grammar reads it; its files have its name and are cut by lines.
        grammar: name of the grammar that reads it, where it has none of its own.
        has_macros: whether macros of the C preprocessor stand in its texts.
        has_conditionals: whether ``#if`` and ``#endif`` do.
        never_parsed: whether the parser hangs or crashes on odd but short texts.
        max_open_braces: how many ``{`` may be open at once before the parser crashes; 0 for any number.
        parts_sign: pattern that a file's beginning fits if it has parts in other languages; empty where any may have.
        template: the tags that its files hold; in JSON also the name of a language that has the same.
        template_sign: pattern that a file must hold to be read as a template; empty where every file is one.
    """

    name: str
    title: str = ""
    aliases: Words = ()
    dialect_of: str = ""
    suffixes: Words = ()
    files: Words = ()
    interpreters: Words = ()
    claims: Mapping[str, list[str]] = MappingProxyType({})
    index_files: Words = ()
    stub_ends: Words = ()
    comments: Words = ()
    import_starts: Words = ()
    import_bindings: Words = ()
    import_style: str = ""
    family: str = ""
    package_manager: str = ""
    exported_by_path: bool = False
    modules: Modules = Modules()
    keywords: frozenset[str] = frozenset()
    built_in: frozenset[str] = frozenset()
    name_characters: str = ""
    without_grammar: bool = False
    grammar: str = ""
    has_macros: bool = False
    has_conditionals: bool = False
    never_parsed: bool = False
    max_open_braces: int = 0
    parts_sign: str = ""
    template: Template | None = None
    template_sign: str = ""


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


def family_entry(name: str) -> Language:
    """Return the language that a family is named after; an empty entry for a family that is unknown here."""
    return LANGUAGES.get(name) or Language(name)


def has_braced_bodies(name: str) -> bool:
    """Return whether a language writes the bodies of functions in braces; those with ``//`` for comments do."""
    return "//" in family_entry(name).comments


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


def _words(value: Any) -> Words:
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


def _language(name: str, entry: Mapping[str, Any]) -> Language:
    """Make an entry of what its JSON says.

    Raises:
        TypeError: when it has a field that there is not.
    """
    values: dict[str, Any] = dict(entry)
    for key, value in entry.items():
        if key in _WORD_FIELDS:
            values[key] = _words(value)
        elif key in _SET_FIELDS:
            values[key] = frozenset(" ".join([value] if isinstance(value, str) else value).split())
        elif key == "modules":
            naming: dict[str, Any] = {k: _words(v) if k in _MODULE_WORDS else v for k, v in value.items()}
            values[key] = Modules(**naming)
        elif key == "template":
            values[key] = Template(**value)
    return Language(name, **values)


def _load() -> tuple[dict[str, Language], frozenset[str]]:
    """Read all entries, and say which languages have a folder."""
    entries = cast("dict[str, Any]", json.loads((ROOM / PLAIN).read_bytes()))
    with_folder: list[str] = []
    for folder in os.listdir(ROOM):  # noqa: PTH208 - every start reads this, and paths as objects take twice as long
        try:
            with open(f"{ROOM}/{folder}/{ENTRY}", "rb") as file:  # noqa: PTH123
                entries[folder] = json.load(file)
        except (FileNotFoundError, NotADirectoryError):
            continue
        with_folder.append(folder)
    for entry in entries.values():
        if isinstance(shared := entry.get("template"), str):
            entry["template"] = entries[shared]["template"]
    return {name: _language(name, entries[name]) for name in sorted(entries)}, frozenset(with_folder)


def _by(words_of: Callable[[Language], Iterable[str]]) -> dict[str, str]:
    return {word: name for name, language in LANGUAGES.items() for word in words_of(language)}


def _all(words_of: Callable[[Language], Iterable[str]]) -> Words:
    """Return what any language has, each once."""
    return tuple(sorted(_by(words_of)))


_PLAIN_TEXT = ("text", "txt", "plaintext", "plain")
_WORD_FIELDS = frozenset(name for name, kind in Language.__annotations__.items() if kind == Words)
_SET_FIELDS = frozenset(name for name, kind in Language.__annotations__.items() if kind == frozenset[str])
_MODULE_WORDS = frozenset(name for name, kind in Modules.__annotations__.items() if kind == Words)

LANGUAGES, WITH_FOLDER = _load()
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
