"""Where on disk the index of a folder lies, as text. Any thread.

Imports next to nothing, not even ``pathlib``: a process that only passes on what others say looks here first.
"""

import os
import sys

try:
    from _blake2 import blake2b  # ``hashlib`` loads OpenSSL first.
except ImportError:
    from hashlib import blake2b

CACHE_VARIABLE, KEY_VARIABLE = "COGNATE_CACHE_DIR", "COGNATE_REPHRASE_KEY"
"""Variables of the environment: the cache folder, and a chat model's key, for the process alone that has it."""

OWNER_FILE, OWNER_SOCKET = "owner", "owner.sock"


def cache_place() -> str:
    """Return the cache folder: the environment variable COGNATE_CACHE_DIR, else the platform's cache folder."""
    if configured := os.environ.get(CACHE_VARIABLE):
        return os.path.expanduser(configured)  # noqa: PTH111
    if sys.platform == "linux":  # As platformdirs says it; to import that takes as long as a search from the shell may.
        home = os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"
        return os.path.join(os.path.expanduser(home), "cognate")  # noqa: PTH111, PTH118
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_cache_dir("cognate", appauthor=False)


def index_place(cache: str, folder: str) -> str:
    """Return where the index of a workspace folder is: a readable name and a digest of the absolute path."""
    path = os.path.realpath(folder)
    digest = blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in os.path.basename(path))[:40]  # noqa: PTH119
    return os.path.join(cache, "workspaces", f"{name or 'root'}-{digest}")  # noqa: PTH118
