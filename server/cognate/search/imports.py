"""Which chunks hold hardly anything but imports. Pure."""

from functools import lru_cache

from cognate.languages.registry import COMMENT_STARTS, IMPORT_BINDINGS, IMPORT_STARTS

IMPORTS_SHARE = 0.9

_IMPORT_STARTS = (*IMPORT_STARTS, *IMPORT_BINDINGS)
_SKIPPED_STARTS = (*COMMENT_STARTS, ")", "}", "]")


@lru_cache(maxsize=1 << 14)
def is_imports_only(text: str) -> bool:
    """Return whether nine tenths of the chunk's code lines are imports or the names they list."""
    lines = text.split("\n")
    others_allowed = (1.0 - IMPORTS_SHARE) * len(lines)
    code = imported = 0
    inside = False
    for line in lines:
        stripped = line.strip()
        if not stripped or (stripped.startswith(_SKIPPED_STARTS) and not stripped.startswith("#include")):
            inside = inside and not stripped.startswith((")", "}"))
            continue
        code += 1
        starts = stripped.startswith(_IMPORT_STARTS)
        imported += starts or inside
        if starts:
            inside = stripped.endswith(("(", "{", ",", "\\"))
        if code - imported > others_allowed:
            return False
    return code > 0 and imported >= IMPORTS_SHARE * code
