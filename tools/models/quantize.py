"""Owns ``quantize``: an exported float model becomes an int8 one of a quarter of the size and twice the speed.

Runs on the caller's thread for about a minute; needs the extra ``models``. How the graph changes is ``rewrite``'s.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.embedding.cross_encoder import CrossEncoder
from cognate.embedding.model_files import file_digest, read_model_folder
from cognate.embedding.onnx import load_encoder
from cognate.embedding.runtime import Tokens
from cognate.errors import ModelError
from tools.models.export import write_card
from tools.models.libraries import require
from tools.models.rewrite import Statistics, activations, rewrite
from tools.models.samples import samples

SMOOTHING = (0.4, 0.5, 0.6)
"""Exponents tried; outside this range parity falls (0.35: 0.9975, 0.5: 0.9992, 0.8: 0.9932 with 8-bit weights)."""

SCHEME = "int8 weights by output channel, uint8 activations by row"

_COPIED = ("config.json", "tokenizer.json", "NOTICE", "LICENSE")


@dataclass(frozen=True, slots=True)
class _Run:
    """What a model makes of the calibration texts.

    Attributes:
        tokens: of the texts that statistics are taken on.
        outputs: for the texts that decide, shape (texts, numbers).
    """

    tokens: list[Tokens]
    outputs: NDArray[np.float32]


def quantize(folder: Path, out: Path) -> Path:
    """Write an int8 form of an exported model to ``out``.

    Half of the calibration texts give the statistics; the other half decide between the exponents in ``SMOOTHING``,
    by how close the outputs are to those of the float model: mean cosine of vectors, correlation of scores.

    Raises:
        ModelError: when the export cannot be read, is quantized already, or has nothing to quantize.
    """
    onnx = require("onnx")
    files = read_model_folder(folder)
    card: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if card.get("quantization"):
        raise ModelError(f"{folder} is quantized already; quantize what `python -m tools.models export` wrote.")
    if folder.resolve() == out.resolve():
        raise ModelError("Quantizing needs another folder to write to.")
    run, parity_of = (_scored, _correlation) if files.is_cross_encoder else (_embedded, _mean_cosine)
    plain = run(folder)
    statistics = _measure(onnx.load(str(files.onnx)), plain.tokens)
    best: tuple[float, float, bytes] | None = None
    for smoothing in SMOOTHING:
        model = onnx.load(str(files.onnx))
        rewrite(model, statistics, smoothing)
        graph = model.SerializeToString()
        parity = parity_of(_outputs_with(graph, folder, card, run), plain.outputs)
        if best is None or parity > best[0]:
            best = (parity, smoothing, graph)
    assert best is not None
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(best[2])
    for name in _COPIED:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, out / name)
    card["quantization"] = {"scheme": SCHEME, "smoothing": best[1], "calibration_parity": round(best[0], 5)}
    card["digest"] = file_digest([out / "model.onnx"])
    card["name"] = out.resolve().name
    write_card(out, card)
    return out


def _measure(model: Any, tokens: Sequence[Tokens]) -> dict[str, Statistics]:
    """Run the float graph on the calibration texts and return what its activations look like."""
    runtime = require("onnxruntime")
    helper = require("onnx.helper")
    names = activations(model)
    if not names:
        raise ModelError("The graph has no product with constant weights; there is nothing to quantize.")
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs = {i.name for i in session.get_inputs()}
    maximum = dict.fromkeys(names, np.float64(0))
    total = dict.fromkeys(names, np.float64(0))
    rows = dict.fromkeys(names, 0)
    for one in tokens:  # One text a run, so that there is no padding to leave out.
        feed = _feed(one, inputs)
        for name, value in zip(names, session.run(names, feed), strict=True):
            flat = np.asarray(value, dtype=np.float64).reshape(-1, value.shape[-1])
            maximum[name] = np.maximum(maximum[name], np.abs(flat).max(axis=0))
            total[name] = total[name] + flat.sum(axis=0)
            rows[name] += len(flat)
    return {name: Statistics(np.asarray(maximum[name]), np.asarray(total[name] / rows[name])) for name in names}


def _feed(tokens: Tokens, inputs: set[str]) -> Mapping[str, NDArray[np.int64]]:
    row = np.array([tokens.ids], dtype=np.int64)
    types = np.array([tokens.types], dtype=np.int64)
    feed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": types}
    return {name: value for name, value in feed.items() if name in inputs}


def _embedded(folder: Path) -> _Run:
    """Return what an encoder makes of the calibration texts."""
    texts = samples().calibration
    with load_encoder(str(folder)) as encoder:
        tokens = [encoder.tokens(text) for text in sorted(texts[::2], key=len)]
        return _Run(tokens, encoder.encode(texts[1::2]))


def _scored(folder: Path) -> _Run:
    """Return what a cross-encoder makes of the calibration texts, each paired with one of the queries."""
    found = samples()
    queries = [found.queries[i % len(found.queries)] for i in range(len(found.calibration))]
    pairs = list(zip(queries, found.calibration, strict=True))
    encoder = CrossEncoder(read_model_folder(folder))
    tokens = [encoder.tokens(query, [text])[0] for query, text in pairs[::2]]
    return _Run(tokens, np.stack([encoder.score(query, [text]) for query, text in pairs[1::2]]))


def _mean_cosine(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float((found * expected).sum(axis=1).mean())


def _correlation(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.corrcoef(found[:, 0], expected[:, 0])[0, 1])


def _outputs_with(
    graph: bytes, folder: Path, card: Mapping[str, Any], run: Callable[[Path], _Run]
) -> NDArray[np.float32]:
    """Return what a model makes of the deciding texts with another graph."""
    with tempfile.TemporaryDirectory() as place:
        trial = Path(place)
        shutil.copyfile(folder / "tokenizer.json", trial / "tokenizer.json")
        (trial / "model.onnx").write_bytes(graph)
        write_card(trial, {**card, "digest": file_digest([trial / "model.onnx"])})
        return run(trial).outputs
