"""What an entry of a language says, and reading all of them.

``language.json`` in a language's folder holds its entry; ``plain.json`` holds those of languages that have no queries,
or not even a grammar. ``registry`` answers questions about them.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

ROOM = Path(__file__).parent
ENTRY = "language.json"
PLAIN = "plain.json"

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


_WORD_FIELDS = frozenset(name for name, kind in Language.__annotations__.items() if kind == Words)
_SET_FIELDS = frozenset(name for name, kind in Language.__annotations__.items() if kind == frozenset[str])
_MODULE_WORDS = frozenset(name for name, kind in Modules.__annotations__.items() if kind == Words)


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


def read_entries() -> tuple[dict[str, Language], frozenset[str]]:
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
