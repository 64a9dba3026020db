"""The life of a conversation, and ``$/setTrace``: takes over what the client said, asks for what it offers.

Who watches is decided here: the client where it can be asked to, else each engine its own folder.

Runs on the event loop. ``initialize`` opens nothing, so that it is answered at once.
"""

import logging
from typing import Any, cast

from lsprotocol import types

from cognate import __version__
from cognate.lsp.capabilities import choose_encoding, read_features, server_capabilities
from cognate.lsp.client_settings import SECTION, SECTIONS
from cognate.lsp.handlers.commands import COMMANDS
from cognate.lsp.protocol import NoParams
from cognate.lsp.session import Session
from cognate.uris import uri_from_path

log = logging.getLogger(__name__)


def initialize(session: Session, params: types.InitializeParams) -> types.InitializeResult:
    """Remember the client's folders, settings and abilities; return ours."""
    encoding = choose_encoding(params.capabilities)
    options = _options(params.initialization_options)
    session.begin(_folders(params), options, read_features(params.capabilities), encoding)
    session.trace.listen(params.trace)
    offered = server_capabilities(encoding, list(COMMANDS))
    return types.InitializeResult(offered, types.ServerInfo("cognate", __version__))


def initialized(session: Session, _params: NoParams) -> None:
    """Register what is registered at run time, and begin to work."""
    registrations: list[types.Registration] = []
    if session.features.watches_files:
        watchers = {"watchers": [{"globPattern": "**/*"}]}
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers))
    if session.features.registers_configuration:
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": list(SECTIONS)}))
    if registrations:
        session.spawn(_register(session, registrations), "registering capabilities")
    session.start()


def set_trace(session: Session, params: types.SetTraceParams) -> None:
    """Tell the client of every query and job from now on, or no longer."""
    session.trace.listen(params.value)


async def _register(session: Session, registrations: list[types.Registration]) -> None:
    try:
        await session.link.request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(registrations))
    except Exception as error:  # whatever the client says, files are watched
        log.warning("The client registered nothing: %s", error)
        session.watch_files()


def _registration(method: str, options: dict[str, Any]) -> types.Registration:
    return types.Registration(f"{SECTION}/{method}", method, options)


def _folders(params: types.InitializeParams) -> list[types.WorkspaceFolder]:
    if params.workspace_folders:
        return list(params.workspace_folders)
    uri = params.root_uri or (uri_from_path(params.root_path) if params.root_path else None)
    return [types.WorkspaceFolder(uri, uri.rstrip("/").rpartition("/")[2])] if uri else []


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


async def shutdown(session: Session, _params: NoParams) -> None:
    """Close everything, then answer."""
    await session.shutdown()
