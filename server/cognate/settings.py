"""Every setting, declared once: its default, its range and a line of help.

``resolve`` turns whatever a client sent into settings and a list of problems; one bad value never spoils the others.
Knows no protocol: names on the wire are the camelCase form of the field names.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

NOW, GENTLY, IDLE = PACES = ("now", "gently", "idle")
"""Values of ``indexing_pace``."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is allowed for one setting, and what it does."""

    help: str
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False
    personal: bool = False
    """Whether a workspace must never set it, as it says where something is sent, or what is trusted."""
    choices: tuple[str, ...] = ()
    """All values of a text that may be nothing else."""


def _setting(default: Any, help_text: str, **allowed: Any) -> Any:
    return field(default=default, metadata={"declaration": Declaration(help_text, **allowed)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved settings of one workspace folder. Each field's help stands in its declaration."""

    model: str = _setting(
        "",
        "Embedding model: empty for the one that ships, or a folder or hub repository with an ONNX export.",
        sensitive=True,
    )
    reranker: str = _setting(
        "",
        "Cross-encoder that reads the best results again and orders them: a folder or hub repository with an ONNX "
        "export, or empty for none.",
        sensitive=True,
    )
    rephrase_endpoint: str = _setting(
        "",
        "Address of a chat model with OpenAI's interface, such as http://127.0.0.1:11434/v1, which writes other "
        "wordings of a question when you ask for them. On another machine it must be https. Empty for none.",
        sensitive=True,
        personal=True,
    )
    rephrase_model: str = _setting(
        "",
        "Name of the chat model that writes other wordings. Empty for the first one that the endpoint lists.",
        sensitive=True,
        personal=True,
    )
    vectors: tuple[str, ...] = _setting(
        (),
        "Folders with vectors that your team has computed. Cognate looks there before it asks the model; "
        "cognate vectors export or cognate spark embed makes them.",
        sensitive=True,
        personal=True,
    )
    vectors_key: str = _setting(
        "",
        "File with a public Ed25519 key in PEM form; only vectors signed by it are used. Empty accepts vectors without "
        "a signature.",
        sensitive=True,
        personal=True,
    )
    threads: int = _setting(
        0, "Threads for indexing in the background; 0 means half of the cores, at least one.", minimum=0, maximum=64
    )
    indexing_pace: str = _setting(
        NOW,
        "When chunks get embeddings: now; gently, on one thread with pauses; or idle, after a minute in which you "
        "neither asked nor typed, while the machine is not busy. On battery, or while the machine saves power, never "
        "faster than gently. Searches do not wait.",
        choices=PACES,
    )
    memory_limit_mb: int = _setting(
        4000,
        "While the process uses more resident memory than this, in MB, nothing more is indexed. Questions are still "
        "answered. 0 means no limit.",
        minimum=0,
        maximum=1_000_000,
    )
    exclude: tuple[str, ...] = _setting((), "Globs of files to leave out, in .gitignore syntax.")
    max_file_bytes: int = _setting(
        1_000_000, "Files larger than this many bytes are left out.", minimum=1_000, maximum=100_000_000
    )
    history_commits: int = _setting(
        5_000,
        "How many of the newest commits are read for questions to the history; 0 reads none.",
        minimum=0,
        maximum=1_000_000,
    )
    search_limit: int = _setting(20, "How many results a search returns.", minimum=1, maximum=200)
    hover_enabled: bool = _setting(True, "Show similar code when hovering over a definition.")
    hover_limit: int = _setting(3, "How many similar pieces of code a hover lists.", minimum=1, maximum=10)
    hover_min_score: float = _setting(
        0.6, "Similar code in hovers needs at least this score.", minimum=0.0, maximum=1.0
    )
    hover_history: bool = _setting(False, "Show in hovers of definitions which commit changed them last.")
    code_lens_enabled: bool = _setting(False, "Show the number of similar pieces of code above definitions.")
    duplicate_hints: bool = _setting(
        False, "Show a hint at a new definition that looks like another in the folder. Tests get none."
    )
    update_delay_ms: int = _setting(
        200,
        "How long edits must rest before they are indexed, in milliseconds. The first edit after a pause is indexed "
        "at once.",
        minimum=0,
        maximum=60_000,
    )

    @property
    def background_threads(self) -> int:
        """The thread budget for indexing, with 0 resolved."""
        return self.threads or max(1, (os.cpu_count() or 2) // 2)


def declarations() -> dict[str, tuple[Declaration, Any]]:
    """Return each setting's declaration and default, by field name, in order."""
    defaults = Settings()
    return {f.name: (f.metadata["declaration"], getattr(defaults, f.name)) for f in fields(Settings)}


def camel_case(name: str) -> str:
    """Return the wire's form of a field name: ``max_file_bytes`` becomes ``maxFileBytes``."""
    return re.sub(r"_(\w)", lambda m: m.group(1).upper(), name)


def resolve(raw: Mapping[str, Any] | None) -> tuple[Settings, list[str]]:
    """Return usable settings and a sentence for each value that was not.

    Keys may be camelCase or snake_case, nested by dots or by objects: ``{"hover": {"minScore": 0.5}}`` is
    ``hover_min_score``. Unknown keys are ignored: editors keep settings of their own in the same section.
    """
    known = declarations()
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in _flatten(raw or {}).items():
        if key not in known or value is None:
            continue
        declaration, default = known[key]
        try:
            values[key] = _checked(value, default, declaration)
        except ValueError as error:
            problems.append(f"Setting {camel_case(key)}: {error}; using {default!r}.")
    return Settings(**values), problems


def _flatten(raw: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(key)).replace(".", "_").lower()
        name = f"{prefix}_{snake}" if prefix else snake
        if isinstance(value, Mapping):
            flat.update(_flatten(value, name))  # pyright: ignore[reportUnknownArgumentType]
        else:
            flat[name] = value
    return flat


def _checked(value: Any, default: Any, declaration: Declaration) -> Any:
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"expected a list of strings, got {value!r}")
        return tuple(value)
    if isinstance(default, bool) or isinstance(value, bool):
        if not (isinstance(default, bool) and isinstance(value, bool)):
            raise ValueError(f"expected {'true or false' if isinstance(default, bool) else 'a number'}, got {value!r}")
        return value
    if isinstance(default, str):
        if not isinstance(value, str):
            raise ValueError(f"expected text, got {value!r}")
        if declaration.choices and value not in declaration.choices:
            raise ValueError(f"expected one of {', '.join(declaration.choices)}, got {value!r}")
        return value
    if not isinstance(value, int | float) or (isinstance(default, int) and value != int(value)):
        raise ValueError(f"expected a number, got {value!r}")
    low, high = declaration.minimum, declaration.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"expected {low:g} to {high:g}, got {value!r}")
    return int(value) if isinstance(default, int) else float(value)
