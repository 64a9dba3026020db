"""``initialize``, ``initialized`` and ``shutdown``: takes over what the client said, asks for what it offers.

Who watches is decided here: the client where it can be asked to, else each engine its own folder.

Runs on the event loop. ``initialize`` opens nothing, so that it is answered at once.
"""

import logging
from typing import Any, cast

from lsprotocol import types

from cognate.lsp.capabilities import read_features
from cognate.lsp.convert import uri_from_path
from cognate.lsp.session import SECTION, Session
from cognate.lsp.standard import FolderParams

log = logging.getLogger(__name__)


def initialize(session: Session, params: types.InitializeParams, encoding: str) -> None:
    """Remember the client's folders, settings and abilities."""
    session.begin(
        _folders(params), _options(params.initialization_options), read_features(params.capabilities), encoding
    )


def initialized(session: Session, _params: Any) -> None:
    """Register what is registered at run time, and begin to work."""
    registrations: list[dict[str, Any]] = []
    if session.features.watches_files:
        watchers = {"watchers": [{"globPattern": "**/*"}]}
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers))
    if session.features.registers_configuration:
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION}))
    if registrations:
        session.spawn(_register(session, registrations), "registering capabilities")
    session.start()


async def shutdown(session: Session, _params: Any) -> None:
    """Close everything, then answer."""
    await session.shutdown()


async def _register(session: Session, registrations: list[dict[str, Any]]) -> None:
    try:
        await session.link.request(types.CLIENT_REGISTER_CAPABILITY, {"registrations": registrations})
    except Exception as error:  # whatever the client says, files are watched
        log.warning("The client registered nothing: %s", error)
        session.watch_files()


def _registration(method: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"{SECTION}/{method}", "method": method, "registerOptions": options}


def _folders(params: types.InitializeParams) -> list[FolderParams]:
    if params.workspace_folders:
        return [FolderParams(folder.uri, folder.name) for folder in params.workspace_folders]
    uri = params.root_uri or (uri_from_path(params.root_path) if params.root_path else None)
    return [FolderParams(uri, uri.rstrip("/").rpartition("/")[2])] if uri else []


def _options(raw: Any) -> dict[str, Any]:
    """Return the settings inside ``initializationOptions``, bare or under ``settings`` or ``cognate``."""
    if not isinstance(raw, dict):
        return {}
    options = cast("dict[str, Any]", raw)
    for key in ("settings", SECTION):
        inner = options.get(key)
        if isinstance(inner, dict):
            return _options(inner)
    return options
