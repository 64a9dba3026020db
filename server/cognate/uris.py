"""Files' paths and their URIs, as editors spell them. Pure; the operating system is an argument. Any thread.

Imports little, so that a process which only passes on what an editor says can see which folder that has open.
"""

import os
import posixpath
import re
from urllib.parse import quote, unquote, urlsplit

ON_WINDOWS = os.name == "nt"

FILE_SCHEME = "file"
CELL_SCHEME = "vscode-notebook-cell"

_SAFE = "/-._~!$&'()*+,;=:@"
"""What may stand in a URI's path unescaped (RFC 3986, section 3.3); Neovim escapes the same."""


def path_from_uri(uri: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """Return the absolute path that a document's URI names, None when it names none.

    A notebook cell's URI names its notebook. Dots are resolved by text alone, drive letters are lower case.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme not in {FILE_SCHEME, CELL_SCHEME} or not path.startswith("/") or "\0" in path:
        return None
    path = posixpath.normpath("/" + path.lstrip("/"))
    host = parts.netloc if parts.scheme == FILE_SCHEME and parts.netloc != "localhost" else ""
    if windows:
        return _windows_path(host, path)
    return None if host else path


def uri_from_path(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """Return the ``file:`` URI of an absolute path."""
    if windows:
        path = path.replace("\\", "/")
        if path.startswith("//"):
            host, _, rest = path[2:].partition("/")
            return f"file://{host}/{_escape(rest)}"
        if path[1:2] == ":":
            path = f"/{path[0].lower()}{path[1:]}"
    return f"file://{_escape(path)}"


def child_uri(folder_uri: str, path: str) -> str:
    """Return the URI of a path relative to a folder, with the folder spelled as the client spells it."""
    return f"{folder_uri.rstrip('/')}/{_escape(path)}"


def _windows_path(host: str, path: str) -> str:
    if host:
        path = f"//{host}{path}"
    elif drive := re.match(r"/([A-Za-z]):(?=/|$)", path):
        path = f"{drive[1].lower()}:{path[3:] or '/'}"
    return path.replace("/", "\\")


def _escape(path: str) -> str:
    return quote(path, safe=_SAFE, errors="surrogateescape")
