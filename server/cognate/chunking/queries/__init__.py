"""Queries by grammar name: what counts as a definition in each language, and what uses are read from.

Owns the patterns and nothing else: no parsing, no tree_sitter. The captures are explained in ``chunking.symbols`` and
``chunking.references``.
Where two patterns name the same node, the one that stands first in its query wins; ``import`` names what is no
definition although it looks like one.
"""

from cognate.chunking.queries import functional, managed, scripting, systems, uses, web

_DEFINITIONS: dict[str, str] = {
    **web.QUERIES,
    **scripting.QUERIES,
    **systems.QUERIES,
    **managed.QUERIES,
    **functional.QUERIES,
}

QUERIES = {language: query + uses.IMPORTS.get(language, "") for language, query in _DEFINITIONS.items()}
"""Grammar name → tree-sitter query for definitions and imports."""

NOT_CODE = uses.NOT_CODE
