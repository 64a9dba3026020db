"""Owns where a model's files are and what they say about themselves: ``resolve_model``.

Runs once per model, on whichever thread loads it; reads files, and asks the hub only for a repository the user named.
Never imports onnxruntime or tokenizers and never decides how a model is run.
"""

import hashlib
import importlib
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cognate.errors import ModelError

SHIPPED_MODEL = "all-MiniLM-L6-v2"
"""The model in the package; an empty setting means this one."""

SHIPPED_FOLDER = Path(__file__).resolve().parent.parent / "models"
"""Package data: one folder a model."""

ONNX_CANDIDATES = (
    "model.onnx",
    "model_quantized.onnx",
    "model_int8.onnx",
    "model_qint8_*.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_int8.onnx",
    "onnx/model_qint8_*.onnx",
    "onnx/model_quint8_*.onnx",
    "onnx/model.onnx",
    "onnx/model_*.onnx",
)
"""Where exports put the graph, first match wins; int8 before fp32 in hub exports because it runs twice as fast."""

POOLING_MODES = ("mean", "cls", "max")
"""How token vectors can become one; others are refused rather than guessed."""

CROSS_ENCODER = "cross-encoder"
"""What model.json calls the kind of a model that scores pairs."""

DEFAULT_MAX_LENGTH = 512
"""Tokens, when no file of the model says; the position table of every BERT-like encoder holds at least these."""

logger = logging.getLogger(__name__)

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_TOO_LONG = 1_000_000  # transformers writes 1e30 where a tokenizer has no limit.


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """One model on disk.

    Attributes:
        name: for people.
        onnx: the graph.
        tokenizer: tokenizer.json.
        digest: SHA-256 of the graph (and its external data, if any), hex.
        max_length: tokens the model accepts.
        pooling: one of POOLING_MODES, used when the graph gives token vectors.
        dimensions: what model.json promises, None when it promises nothing.
        query_prompt: put before each query.
        document_prompt: put before each document.
        pad_token: as the tokenizer's settings name it, empty when they do not.
        is_cross_encoder: whether model.json says that it scores pairs.
    """

    name: str
    onnx: Path
    tokenizer: Path
    digest: str
    max_length: int
    pooling: str
    dimensions: int | None
    query_prompt: str = ""
    document_prompt: str = ""
    pad_token: str = ""
    is_cross_encoder: bool = False


def resolve_model(setting: str = "", *, name_of_setting: str = "model") -> ModelFiles:
    """Return the files of the model that a setting names.

    Args:
        setting: empty or ``all-MiniLM-L6-v2`` for the one that ships, a folder, or a hub repository's id.
        name_of_setting: what it is called, for messages.

    Raises:
        ModelError: when a file is missing, unreadable, or not what model.json says; the message says what to do.
    """
    setting = setting.strip()
    folder = folder_of(setting)
    if folder.is_dir():
        return read_model_folder(folder)
    if folder.is_absolute() or setting.startswith((".", "~")) or not _HUB_ID.fullmatch(setting):
        raise ModelError(
            f"The model folder {folder} does not exist. Set `{name_of_setting}` to a folder with an ONNX export."
        )
    return read_model_folder(_hub_folder(setting, name_of_setting), name=setting)


def folder_of(setting: str) -> Path:
    """Return the folder that a setting names, be there one or not; for a hub repository's id there is none."""
    if setting in ("", SHIPPED_MODEL, f"sentence-transformers/{SHIPPED_MODEL}"):
        return SHIPPED_FOLDER / SHIPPED_MODEL
    return Path(setting).expanduser()


def read_model_folder(folder: Path, *, name: str = "") -> ModelFiles:
    """Return what a folder with an ONNX export holds.

    Args:
        folder: as sentence-transformers, optimum or Cognate's ``tools/models`` write it.
        name: for people; the folder's own by default.

    Raises:
        ModelError: as ``resolve_model``.
    """
    onnx = _first_match(folder)
    if onnx is None:
        raise ModelError(
            f"No ONNX model in {folder}. Put an ONNX export there (model.onnx, tokenizer.json). `python -m "
            f"tools.models export SOURCE {folder}` makes one in a checkout of Cognate, with --cross-encoder from a "
            "cross-encoder; docs/models.md says how."
        )
    tokenizer = next((p for p in (folder / "tokenizer.json", onnx.parent / "tokenizer.json") if p.is_file()), None)
    if tokenizer is None:
        raise ModelError(f"No tokenizer.json in {folder}. Export the model again, with its tokenizer.")
    card = _read_json(folder / "model.json")
    tokenizer_config = _read_json(folder / "tokenizer_config.json")
    prompts = card.get("prompts") or _read_json(folder / "config_sentence_transformers.json").get("prompts")
    prompts = prompts if isinstance(prompts, dict) else {}
    digest = file_digest([onnx, *_external_data(onnx)])
    expected = card.get("digest")
    if expected is not None and expected != digest:
        raise ModelError(
            f"{onnx} is not the file its model.json describes (digest {digest[:12]}…, expected {str(expected)[:12]}…). "
            "Install Cognate again, or export the model again."
        )
    dimensions = card.get("dimensions")
    return ModelFiles(
        name=name or str(card.get("name") or folder.name),
        onnx=onnx,
        tokenizer=tokenizer,
        digest=digest,
        max_length=_max_length(folder, card, tokenizer_config),
        pooling=_pooling(folder, card),
        dimensions=dimensions if isinstance(dimensions, int) else None,
        query_prompt=str(prompts.get("query") or ""),
        document_prompt=str(prompts.get("document") or prompts.get("passage") or ""),
        pad_token=_token_text(card.get("pad_token") or tokenizer_config.get("pad_token")),
        is_cross_encoder=card.get("kind") == CROSS_ENCODER,
    )


def file_digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the files' bytes in turn, hex.

    Raises:
        ModelError: when one cannot be read.
    """
    hasher = hashlib.sha256()
    try:
        for path in paths:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    hasher.update(block)
    except OSError as error:
        raise ModelError(f"Cannot read {error.filename}: {error.strerror}. Check its permissions.") from error
    return hasher.hexdigest()


def pooling_mode(config: Mapping[str, Any]) -> str:
    """Return what a sentence-transformers pooling configuration asks for; ``mean`` when it is silent.

    Several modes at once come back joined by ``+``, unknown ones under their own names; neither is in POOLING_MODES.
    """
    stated = config.get("pooling_mode")
    if stated:
        return "+".join(stated) if isinstance(stated, list) else str(stated)
    chosen = [key.removeprefix("pooling_mode_") for key, on in config.items() if key.startswith("pooling_mode_") and on]
    return "+".join(mode.removesuffix("_tokens").removesuffix("_token") for mode in chosen) or "mean"


def _first_match(folder: Path) -> Path | None:
    for pattern in ONNX_CANDIDATES:
        matches = sorted(path for path in folder.glob(pattern) if path.is_file())
        if matches:
            return matches[0]
    return None


def _external_data(onnx: Path) -> list[Path]:
    return [path for suffix in ("_data", ".data") if (path := onnx.with_name(onnx.name + suffix)).is_file()]


def _read_json(path: Path) -> Mapping[str, Any]:
    """Return the object in a JSON file, empty when there is no such file."""
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"Cannot read {path}: {error}. Export the model again, or remove the file.") from error
    if not isinstance(value, dict):
        raise ModelError(f"Cannot read {path}: expected a JSON object. Export the model again, or remove the file.")
    return value


def _max_length(folder: Path, card: Mapping[str, Any], tokenizer_config: Mapping[str, Any]) -> int:
    for value in (
        card.get("max_length"),
        _read_json(folder / "sentence_bert_config.json").get("max_seq_length"),
        tokenizer_config.get("model_max_length"),
        _read_json(folder / "config.json").get("max_position_embeddings"),
    ):
        if isinstance(value, int) and 0 < value < _TOO_LONG:
            return value
    return DEFAULT_MAX_LENGTH


def _pooling(folder: Path, card: Mapping[str, Any]) -> str:
    config = _read_json(folder / "1_Pooling" / "config.json")
    mode = card.get("pooling") or pooling_mode(config)
    if mode not in POOLING_MODES:
        raise ModelError(f"The model in {folder} pools by {mode!r}; only mean, cls and max work.")
    return str(mode)


def _token_text(token: Any) -> str:
    return str(token.get("content") or "") if isinstance(token, dict) else str(token or "")


def _hub_folder(repository: str, name_of_setting: str) -> Path:
    """Return the local snapshot of a hub repository, from the hub's own cache if it is there."""
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise ModelError(
            f"There is no folder {repository!r}, and for a model from the hub Cognate needs huggingface_hub: "
            f"pip install huggingface_hub, or set `{name_of_setting}` to a folder."
        ) from error
    try:
        cached = Path(hub.snapshot_download(repository, local_files_only=True))
        if _first_match(cached) is not None:
            return cached
    except Exception as error:  # The hub's client raises errors of several libraries; the hub itself is asked next.
        logger.info("The hub's cache does not hold %s (%s).", repository, type(error).__name__)
    try:
        onnx = _choose_hub_file(hub.list_repo_files(repository))
        patterns = ["*.json", "1_Pooling/*.json"]
        patterns += [onnx, f"{onnx}_data", f"{onnx}.data"] if onnx else []
        return Path(hub.snapshot_download(repository, allow_patterns=patterns))
    except Exception as error:  # The hub's client raises errors of several libraries.
        raise ModelError(
            f"The model {repository!r} is neither a folder nor in the hub's cache, and the hub did not answer "
            f"({type(error).__name__}). Run `hf download {repository}` once with a network, or set "
            f"`{name_of_setting}` to a folder."
        ) from error


def _choose_hub_file(names: Iterable[str]) -> str | None:
    available = sorted(names)
    for pattern in ONNX_CANDIDATES:
        expression = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))
        for name in available:
            if expression.fullmatch(name):
                return name
    return None
