"""Tells what only declares a name from what defines it: prototypes, stubs, methods of interfaces, headings. Pure.

Judged by the text of the definition alone, as people read it: a declaration ends before any body begins.
"""

import re
from collections.abc import Sequence

from cognate.languages.registry import STUB_ENDS, has_braced_bodies
from cognate.types import ChunkRecord, Symbol

TYPES = frozenset({"class", "enum", "interface", "struct", "trait", "type", "union"})
CALLABLE = frozenset({"constructor", "function", "macro", "method"})
_WITH_BODY = CALLABLE - {"macro"}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_END = re.compile(r"[{;}]|=(?!=)|$")
_NO_BODY = re.compile(r"=\s*(?:0|default|delete)\s*;")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def only_declares(record: ChunkRecord, symbol: Symbol) -> bool:
    """Return whether a definition of a chunk says that something exists, and not what it does or holds."""
    if symbol.kind == "heading" or record.path.endswith(STUB_ENDS):
        return True
    chunk = record.chunk
    if symbol.end_line > chunk.end_line:
        return False
    lines = chunk.text.split("\n")[symbol.start_line - chunk.start_line : symbol.end_line - chunk.start_line]
    if not has_braced_bodies(record.language):
        return symbol.kind in _WITH_BODY and bool(lines) and lines[-1].rstrip().endswith("...")
    if symbol.kind in _WITH_BODY:
        return _has_no_body(lines, symbol.name)
    text = _COMMENT.sub(" ", "\n".join(lines)).strip()
    is_open = "{" in text or "=" in text
    return not is_open and (text.endswith(";") if symbol.kind in TYPES else text.startswith("extern "))


def _has_no_body(lines: Sequence[str], name: str) -> bool:
    """Return whether what follows a function's name and parameters is not the begin of a body."""
    text = _COMMENT.sub(" ", "\n".join(lines))
    behind = text[max(0, text.find(name)) + len(name) :]
    count = 1
    while count:
        behind, count = _BRACKETS.subn(" ", behind)
    end = _END.search(behind)
    assert end is not None
    return end[0] not in ("{", "=") or bool(_NO_BODY.match(behind, end.start()))
