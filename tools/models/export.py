"""Owns ``export`` and ``export_cross_encoder``: a sentence-transformers model becomes a folder that Cognate can run.

Runs on the caller's thread for some seconds; needs the extra ``models``. Never quantizes.
"""

import json
import re
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cognate.embedding.model_files import CROSS_ENCODER, POOLING_MODES, file_digest, pooling_mode
from cognate.errors import ModelError
from tools.models.libraries import load_source, require

OPSET = 17
"""The oldest with LayerNormalization as one operator; onnxruntime has had it since 1.12."""

_LICENSES = Path(__file__).with_name("licenses")


def export(source: str, out: Path) -> Path:
    """Write ``out``: model.onnx with pooling and normalisation inside, tokenizer.json, model.json, licence notice.

    The graph takes ``input_ids``, ``attention_mask`` (and ``token_type_ids`` where the model has them), int64,
    shape (batch, sequence), both axes dynamic, and gives ``sentence_embedding``, float32, (batch, dimensions).

    Args:
        source: a sentence-transformers folder or hub name.
        out: made if missing; its name becomes the model's name.

    Raises:
        ModelError: when a library or the model is missing, or the model has parts that cannot be exported.
    """
    model = load_source(source)
    pooling = _pooling_of(model)
    _make_folder(out)
    _write_graph(model[0].auto_model, pooling, out / "model.onnx")
    pad_token = _write_tokenizer(model.tokenizer, out / "tokenizer.json")
    card = {
        "name": out.resolve().name,
        "dimensions": _dimensions(model),
        "max_length": int(model.max_seq_length),
        "pooling": pooling,
        "normalized": True,
        "pad_token": pad_token,
        "prompts": {key: text for key, text in dict(model.prompts or {}).items() if text},
    }
    _finish(card, source, out)
    return out


def export_cross_encoder(source: str, out: Path) -> Path:
    """Write ``out``: model.onnx, config.json, tokenizer.json, model.json, licence notice.

    The graph takes the inputs of ``export``'s and gives ``logits``, float32, (batch, 1): log-odds, whatever activation
    the source puts behind them.

    Args:
        source: a folder or hub name of a cross-encoder with one label.
        out: made if missing; its name becomes the model's name.

    Raises:
        ModelError: when a library or the model is missing, or it gives more than one number a pair.
    """
    encoder = load_source(source, kind="CrossEncoder")
    classifier, tokenizer = encoder.model, encoder.tokenizer
    if not hasattr(classifier, "config") or not hasattr(classifier.config, "num_labels"):
        raise ModelError(f"{source} is no classifier of pairs ({type(classifier).__name__}) and cannot be exported.")
    if int(classifier.config.num_labels) != 1:
        raise ModelError(
            f"{source} gives {classifier.config.num_labels} numbers a pair; a cross-encoder that ranks gives one."
        )
    _make_folder(out)
    _write_pair_graph(classifier, tokenizer.model_input_names, out / "model.onnx")
    card = {
        "name": out.resolve().name,
        "kind": CROSS_ENCODER,
        "max_length": int(encoder.max_length or classifier.config.max_position_embeddings),
        "pad_token": _write_tokenizer(tokenizer, out / "tokenizer.json"),
    }
    (out / "config.json").write_text(classifier.config.to_json_string(), encoding="utf-8")
    _finish(card, source, out)
    return out


def _finish(card: Mapping[str, Any], source: str, out: Path) -> None:
    """Write model.json and the licence notice, once everything else is written."""
    folder = Path(source).expanduser()
    digest = file_digest([out / "model.onnx"])
    whole = {**card, **_origin(source, folder), "quantization": None, "digest": digest}
    write_card(out, whole)
    _write_licence(whole, out, folder)


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write model.json."""
    (folder / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"Cannot write {out}: {error.strerror or error}. Name another folder.") from error


def _pooling_of(model: Any) -> str:
    kinds = [type(module).__name__ for module in model]
    if kinds[:2] != ["Transformer", "Pooling"] or any(kind != "Normalize" for kind in kinds[2:]):
        raise ModelError(
            f"Only Transformer + Pooling (+ Normalize) can be exported; this model is {' + '.join(kinds)}."
        )
    mode = pooling_mode(model[1].get_config_dict())
    if mode not in POOLING_MODES:
        raise ModelError(f"This model pools by {mode!r}; only {', '.join(POOLING_MODES)} can be exported.")
    return mode


def _dimensions(model: Any) -> int:
    """Return the length of its vectors, under the method's new name (sentence-transformers 5.3) or the old."""
    if hasattr(model, "get_embedding_dimension"):
        return int(model.get_embedding_dimension())
    return int(model.get_sentence_embedding_dimension())


def _write_graph(transformer: Any, pooling: str, path: Path) -> None:
    torch = require("torch")
    names = _inputs_of(transformer)

    class SentenceEncoder(torch.nn.Module):
        """Transformer, pooling and normalisation as one graph."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, *inputs: Any) -> Any:
            """Return unit sentence vectors, (batch, dimensions)."""
            feed = dict(zip(names, inputs, strict=True))
            tokens = self.transformer(**feed, return_dict=True)[0]
            mask = feed["attention_mask"].unsqueeze(-1).to(tokens.dtype)
            if pooling == "cls":
                pooled = tokens[:, 0]
            elif pooling == "max":
                pooled = (tokens + (mask - 1.0) * 1e9).amax(dim=1)
            else:
                pooled = (tokens * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, p=2, dim=1)

    _trace(SentenceEncoder(), names, "sentence_embedding", path)


def _write_pair_graph(classifier: Any, given: Sequence[str], path: Path) -> None:
    """Write a classifier as a graph with those of its inputs that its tokenizer gives it."""
    torch = require("torch")
    names = [name for name in _inputs_of(classifier) if name in given]

    class PairClassifier(torch.nn.Module):
        """A classifier's logits alone."""

        def __init__(self) -> None:
            super().__init__()
            self.classifier = classifier

        def forward(self, *inputs: Any) -> Any:
            """Return log-odds, (batch, 1)."""
            return self.classifier(**dict(zip(names, inputs, strict=True)), return_dict=True).logits

    _trace(PairClassifier(), names, "logits", path)


def _inputs_of(transformer: Any) -> list[str]:
    """Return the names of what a transformer reads, and have it compute with plain operators."""
    if hasattr(transformer, "set_attn_implementation"):
        transformer.set_attn_implementation("eager")  # Fused attention does not trace everywhere.
    names = ["input_ids", "attention_mask"]
    if int(getattr(transformer.config, "type_vocab_size", 0) or 0) > 0:
        names.append("token_type_ids")
    return names


def _trace(module: Any, names: Sequence[str], output: str, path: Path) -> None:
    """Write a module over tokens as a graph, both axes of its inputs dynamic."""
    torch = require("torch")
    require("onnx")
    ids = torch.full((2, 12), 5, dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    inputs = (ids, mask, torch.zeros_like(ids))[: len(names)]
    axes = {0: "batch", 1: "sequence"}
    with warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter warns that it is the old one. Its graph needs no onnxscript, runs on every onnxruntime
        # since 1.18, and is what `quantize` is measured on.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            inputs,
            str(path),
            input_names=list(names),
            output_names=[output],
            dynamic_axes={**dict.fromkeys(names, axes), output: {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _write_tokenizer(source: Any, path: Path) -> str:
    """Write tokenizer.json without truncation and padding, which the reader decides; return the padding token."""
    backend = getattr(source, "backend_tokenizer", None)
    if backend is None:
        raise ModelError("This model has no fast tokenizer, so it has no tokenizer.json and cannot be exported.")
    tokenizer = require("tokenizers").Tokenizer.from_str(backend.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(path), pretty=False)
    return str(source.pad_token or "")


def _origin(source: str, folder: Path) -> dict[str, Any]:
    """Return where the model comes from: its id, the digest of its weights, its licence."""
    if not folder.is_dir():
        return {"source": source, "source_digest": None, "license": "see the model's page on the hub"}
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    uses = re.search(r"SentenceTransformer\(['\"]([\w./-]+)['\"]\)", text)
    licence = re.search(r"^license:\s*(\S+)", text, re.MULTILINE)
    weights = next((p for p in (folder / "model.safetensors", folder / "pytorch_model.bin") if p.is_file()), None)
    return {
        "source": uses.group(1) if uses else folder.resolve().name,
        "source_digest": file_digest([weights]) if weights else None,
        "license": licence.group(1) if licence else "unknown",
    }


def _write_licence(card: Mapping[str, Any], out: Path, folder: Path) -> None:
    """Write NOTICE, and the licence's text where it is known."""
    inside = "with pooling and normalisation inside the graph " if "pooling" in card else ""
    (out / "NOTICE").write_text(
        f"{card['name']}\n\n"
        f"The model in this folder was converted from {card['source']}\n"
        f"(weights SHA-256 {card['source_digest'] or 'not recorded'}).\n"
        f"Licence of the original: {card['license']}.\n\n"
        f"Changes: converted to ONNX {inside}by Cognate's tool chain\n"
        "(`python -m tools.models export`); where model.json names a quantization, its weights were rounded to 8 bits\n"
        "(`quantize`).\n",
        encoding="utf-8",
    )
    known = _LICENSES / f"{str(card['license']).lower()}.txt"
    for text in (folder / "LICENSE", folder / "LICENSE.txt", known):
        if text.is_file():
            shutil.copyfile(text, out / "LICENSE")
            return
