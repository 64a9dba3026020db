"""Definition queries by grammar name: what counts as a definition in each language.

Owns the patterns and nothing else: no parsing, no tree_sitter. The captures are explained in ``chunking.symbols``.
Where two patterns name the same node, the one that stands first in its query wins; ``import`` names what is no
definition although it looks like one.
"""

from cognate.chunking.queries import functional, managed, scripting, systems, web

QUERIES: dict[str, str] = {
    **web.QUERIES,
    **scripting.QUERIES,
    **systems.QUERIES,
    **managed.QUERIES,
    **functional.QUERIES,
}
"""Grammar name → tree-sitter query."""
