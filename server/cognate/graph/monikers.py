"""What a file is called outside its workspace: how another workspace would import it. Pure.

An import and an export meet when both have the same schema and identifier, so an identifier is written as imports are:
the module with ``/``, then the definition. Where a build file would have to be read to know the name (Rust's crates,
npm's packages), files export nothing.
"""

import posixpath
from collections.abc import Mapping

from cognate.languages.registry import entry_of

_SOURCE_ROOTS = frozenset({"src", "lib", "include", "python"})
_JAVA_ROOTS = frozenset({"java", "kotlin", "scala"})


def schema_of(family: str) -> str:
    """Return what the field calls a family's way of naming: its package manager."""
    return entry_of(family).package_manager or family


def module_name(path: str, family: str, go_modules: Mapping[str, str]) -> str:
    """Return what others import to get at a file; empty when the path alone does not tell.

    Args:
        path: of the file.
        family: of the file.
        go_modules: name of the Go module that a folder begins.
    """
    folder, base = posixpath.split(path)
    if family == "go":
        return _go_package(folder, go_modules)
    if not entry_of(family).exported_by_path:
        return ""
    parts = folder.split("/") if folder else []
    if family == "java":
        roots = [number for number, part in enumerate(parts) if part in _JAVA_ROOTS]
        parts = parts[roots[-1] + 1 :] if roots else parts
    elif parts and parts[0] in _SOURCE_ROOTS:
        parts = parts[1:]
    stem = base if entry_of(family).modules.named_by == "path" else posixpath.splitext(base)[0]
    return "/".join([*parts, *([] if stem == "__init__" else [stem])])


def _go_package(folder: str, go_modules: Mapping[str, str]) -> str:
    root = folder
    while root not in go_modules:
        if not root:
            return ""
        root = posixpath.dirname(root)
    inner = folder[len(root) :].strip("/")
    return f"{go_modules[root]}/{inner}" if inner else go_modules[root]
