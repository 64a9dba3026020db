"""Which coding agents there are, where each keeps its MCP servers, and Cognate's own entry there.

Reads and writes the user's configuration files: one entry of each, everything else stays as it is, byte for byte.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cognate.errors import CognateError, InvalidRequestError, WorkspaceError
from cognate.mcp import json_text, toml_text

NAME = "cognate"
"""What the entry is called everywhere."""

BACKUP = ".cognate-backup"
PRIVATE = 0o600  # These files may hold keys.


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides where files are: the home folder, variables, and the commands on the path."""

    home: Path
    variables: Mapping[str, str]
    which: Callable[[str], str | None] = shutil.which

    def folder(self, variable: str, *default: str) -> Path:
        """Return the folder that a variable names, else one of the home folder."""
        named = self.variables.get(variable, "").strip()
        return Path(named) if named else self.home.joinpath(*default)


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent.

    Attributes:
        name: for ``--only``.
        title: what people call it.
        files: where its user-level configuration may be, the first that exists, else the first.
        keys: names from the outermost object of the file to our entry.
        entry: our entry, made of a command and its arguments.
        commands: programs that tell that it is installed.
        docs: the page that says so.
    """

    name: str
    title: str
    files: Callable[[Surroundings], Sequence[Path]]
    keys: tuple[str, ...]
    entry: Callable[[Sequence[str]], Mapping[str, object]]
    commands: tuple[str, ...]
    docs: str

    def file(self, around: Surroundings) -> Path:
        """Return its configuration file, whether it exists or not."""
        files = self.files(around)
        return next((file for file in files if file.exists()), files[0])

    def is_installed(self, around: Surroundings) -> bool:
        """Return whether the agent is on this machine: its folder, its file or its program."""
        file = self.file(around)
        own_folder = file.parent if file.parent != around.home else file.parent / f".{self.commands[0]}"
        return file.exists() or own_folder.is_dir() or any(map(around.which, self.commands))


def _plain(command: Sequence[str]) -> Mapping[str, object]:
    return {"command": command[0], "args": list(command[1:])}


def _stdio(command: Sequence[str]) -> Mapping[str, object]:
    return {"type": "stdio", **_plain(command), "env": {}}


def _copilot(command: Sequence[str]) -> Mapping[str, object]:
    return {"type": "local", **_plain(command), "tools": ["*"]}


def _opencode(command: Sequence[str]) -> Mapping[str, object]:
    return {"type": "local", "command": list(command), "enabled": True}


def _zed(command: Sequence[str]) -> Mapping[str, object]:
    return {**_plain(command), "env": {}}


def _claude_files(around: Surroundings) -> Sequence[Path]:
    return [around.folder("CLAUDE_CONFIG_DIR") / ".claude.json"]


def _opencode_files(around: Surroundings) -> Sequence[Path]:
    folder = around.folder("XDG_CONFIG_HOME", ".config") / "opencode"
    return [folder / "opencode.json", folder / "opencode.jsonc"]


def _zed_files(around: Surroundings) -> Sequence[Path]:
    if sys.platform == "win32":
        return [around.folder("APPDATA", "AppData", "Roaming") / "Zed" / "settings.json"]
    if sys.platform == "darwin":
        return [around.home / ".config" / "zed" / "settings.json"]
    return [around.folder("XDG_CONFIG_HOME", ".config") / "zed" / "settings.json"]


AGENTS = (
    Agent(
        "claude-code", "Claude Code", _claude_files, ("mcpServers", NAME), _stdio, ("claude",),
        "https://code.claude.com/docs/en/mcp",
    ),
    Agent(
        "codex", "Codex", lambda around: [around.folder("CODEX_HOME", ".codex") / "config.toml"],
        ("mcp_servers", NAME), _plain, ("codex",), "https://developers.openai.com/codex/mcp",
    ),
    Agent(
        "cursor", "Cursor", lambda around: [around.home / ".cursor" / "mcp.json"], ("mcpServers", NAME), _plain,
        ("cursor", "cursor-agent"), "https://cursor.com/docs/mcp",
    ),
    Agent(
        "copilot-cli", "Copilot CLI", lambda around: [around.folder("COPILOT_HOME", ".copilot") / "mcp-config.json"],
        ("mcpServers", NAME), _copilot, ("copilot",),
        "https://docs.github.com/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers",
    ),
    Agent(
        "gemini-cli", "Gemini CLI", lambda around: [around.home / ".gemini" / "settings.json"], ("mcpServers", NAME),
        _plain, ("gemini",), "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md",
    ),
    Agent(
        "opencode", "opencode", _opencode_files, ("mcp", NAME), _opencode, ("opencode",),
        "https://opencode.ai/docs/mcp-servers/",
    ),
    Agent(
        "zed", "Zed", _zed_files, ("context_servers", NAME), _zed, ("zed", "zeditor"), "https://zed.dev/docs/ai/mcp",
    ),
    Agent(
        "windsurf", "Windsurf", lambda around: [around.home / ".codeium" / "windsurf" / "mcp_config.json"],
        ("mcpServers", NAME), _plain, ("windsurf",), "https://docs.windsurf.com/windsurf/cascade/mcp",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done for an agent, or would be done.

    Attributes:
        agent: the agent.
        file: its configuration file.
        action: ``added``, ``updated``, ``removed``, ``unchanged``, ``absent`` (the agent), ``refused``; for a list
            ``installed`` or ``not installed``.
        detail: the entry, or why nothing was done.
        backup: what the file was before, if it was changed.
    """

    agent: Agent
    file: Path
    action: str
    detail: str = ""
    backup: Path | None = None


def chosen(only: Sequence[str]) -> Sequence[Agent]:
    """Return the agents of some names, all for none.

    Raises:
        InvalidRequestError: when a name is unknown.
    """
    known = {agent.name: agent for agent in AGENTS}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise InvalidRequestError(f"No agent is called {unknown[0]}; there are {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(only)] or AGENTS


def own_command(executable: str = sys.executable) -> list[str]:
    """Return what starts the server of this very installation, whatever the path is later on."""
    script = Path(executable).with_name("cognate.exe" if sys.platform == "win32" else "cognate")
    return [str(script), "mcp"] if script.exists() else [executable, "-m", "cognate", "mcp"]


def listed(agents: Sequence[Agent], around: Surroundings) -> list[Outcome]:
    """Return which agents there are, and which have our entry."""
    return [_fenced(agent, around, _state) for agent in agents]


def install(
    agents: Sequence[Agent], around: Surroundings, command: Sequence[str], *, named: bool = False, dry_run: bool = False
) -> list[Outcome]:
    """Write our entry for the agents that are on this machine.

    Args:
        agents: those to look at.
        around: where their files are.
        command: what the entry starts.
        named: whether the user named them; then an agent that cannot be found gets its entry, too.
        dry_run: say what would be done, and do nothing.
    """

    def one(agent: Agent, file: Path) -> Outcome:
        if not named and not agent.is_installed(around):
            return Outcome(agent, file, "absent", "not found on this machine")
        before = _text_of(file)
        keys = _keys(agent, file, before or "")
        entry = agent.entry(command)
        present = _entry(file, before or "", keys)
        if present == entry:
            return Outcome(agent, file, "unchanged", "the entry is there")
        if present is not None and not _is_ours(present):
            return Outcome(agent, file, "refused", f"it has another server called {NAME}; rename that one first")
        after = _with(file, before or "", keys, entry)
        backup = None if dry_run else _replace(file, before, after)
        return Outcome(
            agent, file, "added" if present is None else "updated", f"{'.'.join(keys)}: {json.dumps(entry)}", backup
        )

    return [_fenced(agent, around, one) for agent in agents]


def uninstall(agents: Sequence[Agent], around: Surroundings, *, dry_run: bool = False) -> list[Outcome]:
    """Take our entry out again; a file that is as ``install`` left it becomes what it was before, byte for byte."""

    def one(agent: Agent, file: Path) -> Outcome:
        before = _text_of(file)
        if before is None:
            return Outcome(agent, file, "unchanged", "there is no such file")
        keys = _keys(agent, file, before)
        present = _entry(file, before, keys)
        if present is None:
            return Outcome(agent, file, "unchanged", "there is no entry")
        if not _is_ours(present):
            return Outcome(agent, file, "refused", f"its server called {NAME} was not written by this command")
        original, is_exact = _original(file, before, keys, present)
        if dry_run:
            return Outcome(agent, file, "removed", ".".join(keys))
        if not is_exact:
            return Outcome(agent, file, "removed", ".".join(keys), _replace(file, before, _without(file, before, keys)))
        if original is None:
            file.resolve().unlink()
        else:
            _write(file.resolve(), original)
        with suppress(FileNotFoundError):
            _backup_of(file).unlink()
        return Outcome(agent, file, "removed", ".".join(keys))

    return [_fenced(agent, around, one) for agent in agents]


def _fenced(agent: Agent, around: Surroundings, one: Callable[[Agent, Path], Outcome]) -> Outcome:
    """Return one agent's outcome; a file that cannot be read or written is left alone, and the others go on."""
    file = agent.file(around)
    try:
        return one(agent, file)
    except CognateError as error:
        return Outcome(agent, file, "refused", f"{file} cannot be changed: {error}")
    except (OSError, UnicodeDecodeError) as error:
        return Outcome(agent, file, "refused", f"{file} cannot be read or written: {error}")


def _state(agent: Agent, file: Path) -> Outcome:
    text = _text_of(file)
    present = None if text is None else _entry(file, text, _keys(agent, file, text))
    return Outcome(agent, file, "not installed" if present is None else "installed", str(present or ""))


# -- one file


def _is_toml(file: Path) -> bool:
    return file.suffix == ".toml"


def _keys(agent: Agent, file: Path, text: str) -> tuple[str, ...]:
    """Return where the entry belongs; opencode 2 has a level more, ``mcp.servers``."""
    if agent.name == "opencode" and isinstance(_at(json_text.read(text).plain, ("mcp", "servers")), dict):
        servers = _at(json_text.read(text).plain, ("mcp", "servers"))
        if "command" not in servers and "type" not in servers:
            return ("mcp", "servers", NAME)
    return agent.keys


def _at(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _plain_of(file: Path, text: str) -> Any:
    return toml_text.read(text) if _is_toml(file) else json_text.read(text).plain


def _entry(file: Path, text: str, keys: Sequence[str]) -> Any:
    return _at(_plain_of(file, text), keys)


def _with(file: Path, text: str, keys: Sequence[str], entry: Mapping[str, object]) -> str:
    edit = toml_text.with_table if _is_toml(file) else json_text.with_member
    after = edit(text, keys, entry)
    _check(file, text, after, keys, entry)
    return after


def _without(file: Path, text: str, keys: Sequence[str]) -> str:
    edit = toml_text.without_table if _is_toml(file) else json_text.without_member
    after = edit(text, keys)
    _check(file, text, after, keys, None)
    return after


def _check(file: Path, before: str, after: str, keys: Sequence[str], entry: Mapping[str, object] | None) -> None:
    """Hold what was made against what was meant, before it is written.

    Raises:
        WorkspaceError: when anything but the entry would be another.
    """
    left, right = _plain_of(file, before), _plain_of(file, after)
    if _at(right, keys) != entry or _rest(left, keys) != _rest(right, keys):
        raise WorkspaceError("the edit would change something else; add the entry by hand")


def _rest(value: Any, keys: Sequence[str]) -> Any:
    """Return a value without what is at some keys, and without the objects that this leaves empty."""
    if not isinstance(value, dict) or not keys:
        return value
    rest = {key: other for key, other in value.items() if key != keys[0]}
    if keys[0] in value and len(keys) > 1:
        inner = _rest(value[keys[0]], keys[1:])
        if inner != {}:
            rest[keys[0]] = inner
    return rest


def _is_ours(entry: Any) -> bool:
    """Return whether an entry starts a ``cognate mcp``, of whatever installation."""
    command = _at(entry, ("command",))
    words: list[object] = command if isinstance(command, list) else [command, *(_at(entry, ("args",)) or [])]
    texts = [word for word in words if isinstance(word, str)]
    return "mcp" in texts[1:] and (Path(texts[0]).stem == NAME or NAME in texts[1:])


def _original(file: Path, current: str, keys: Sequence[str], entry: Mapping[str, object]) -> tuple[str | None, bool]:
    """Return what a file was before the entry came, None for none, and whether that is certain.

    It is, if to add the entry to the backup, or to nothing where there is none, makes just what is there now.
    """
    backup = _text_of(_backup_of(file))
    with suppress(CognateError):
        if _entry(file, backup or "", keys) is None and _with(file, backup or "", keys, entry) == current:
            return backup, True
    return None, False


def _text_of(file: Path) -> str | None:
    """Return a file's text, None where there is none."""
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None


def _backup_of(file: Path) -> Path:
    return file.with_name(file.name + BACKUP)


def _replace(file: Path, before: str | None, after: str) -> Path | None:
    """Write a file, and what it was before beside it; return where that is."""
    target = file.resolve()  # What a link names is written; the link stays.
    target.parent.mkdir(parents=True, exist_ok=True)
    backup = _backup_of(file)
    if before is None:
        with suppress(FileNotFoundError):
            backup.unlink()
    else:
        _write(backup, before, like=target)
    _write(target, after)
    return None if before is None else backup


def _write(target: Path, text: str, *, like: Path | None = None) -> None:
    """Replace a file at one stroke; it keeps its mode."""
    model = like or target
    mode = model.stat().st_mode & 0o7777 if model.exists() else PRIVATE
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as stream:
            stream.write(text.encode("utf-8"))
        part.chmod(mode)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
