"""Names the settings that a client is asked for by ``workspace/configuration``, and reads its answer. Pure."""

from typing import Any

SECTION = "cognate"
EDITOR_EXCLUDES = "files.exclude"
"""What VS Code and editors made from it hide, by glob; others have no such setting, and say so."""

SECTIONS = (SECTION, EDITOR_EXCLUDES)


def with_editor_excludes(own: Any, hidden: Any) -> Any:
    """Return a folder's own section with the globs that the editor hides.

    The user's own patterns come last, so that ``!pattern`` takes back what the editor hides. A glob without a slash
    matches only at the top, as in the editor. One that depends on a sibling file does not count: .gitignore cannot
    express it.
    """
    globs = [glob for glob, value in hidden.items() if value is True] if isinstance(hidden, dict) else []
    if not globs:
        return own
    settings = own if isinstance(own, dict) else {}
    chosen = settings.get("exclude")
    anchored = [glob if "/" in glob else f"/{glob}" for glob in globs]
    return {**settings, "exclude": [*anchored, *(chosen if isinstance(chosen, list) else [])]}
