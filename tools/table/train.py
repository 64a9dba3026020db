"""Trains the translation table in numpy, gradients by hand: a sentence finds its code among that of its neighbours.

A text's vector is the weighted sum of its words' rows, turned by the matrix of its side, of unit length. The loss is
the softmax over a batch, both ways. A batch is made of groups from one package each, half of them of whole files, so
that wrong answers are near the right one. What question and code share is deleted most of the time: words that are the
same find each other without a table. Only rows that a batch touches are changed (Adam, one step size a row).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # pyright: ignore[reportMissingImports]

from tools.table.merge import HELD_OUT, Data, Rows

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NAME = 6  # The kind of pair whose question is a name; these count least, as most questions are sentences.


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is trained; each value was chosen by held-out packages, see docs/training.md."""

    width: int = 256
    batch: int = 1024
    group: int = 128
    rate: float = 3e-3
    temperature: float = 0.06
    kept: float = 0.3
    """Share of visits in which no shared word is deleted."""
    both: float = 0.3
    """Share in which they are deleted from question and code, else from the code alone."""
    whole_files: float = 0.5
    names: float = 0.4
    """Share of pairs with a name as question that is used."""
    least_query: int = 2
    least_code: int = 5
    dropped_query: float = 0.1
    dropped_code: float = 0.25
    seed: int = 1


@dataclass
class Side:
    """Weights and matrix of questions or of code, with what Adam remembers."""

    weights: Floats
    matrix: Floats
    seen: Floats = field(init=False)
    weight_squares: Floats = field(init=False)
    mean: Floats = field(init=False)
    squares: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.seen, self.weight_squares = np.zeros_like(self.weights), np.zeros_like(self.weights)
        self.mean, self.squares = np.zeros_like(self.matrix), np.zeros_like(self.matrix)


@dataclass
class Model:
    """A table under training."""

    rows: Floats
    query: Side
    code: Side
    row_squares: Floats = field(init=False)
    row_seen: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.row_squares = np.zeros(len(self.rows), np.float32)
        self.row_seen = np.zeros(len(self.rows), np.float32)


@dataclass
class _Pass:
    """One side of a batch: which rows, their share in each text, and what came of it."""

    rows: Ints
    share: sparse.csr_matrix
    table: Floats
    sums: Floats
    units: Floats
    lengths: Floats


def new_model(data: Data, rows: Rows, options: Options) -> Model:
    """Return a table with random rows, and weights that begin as the rarity of the words."""
    random = np.random.default_rng(options.seed)
    n = len(rows.known) + rows.buckets
    table = random.standard_normal((n, options.width)).astype(np.float32) / np.sqrt(options.width)
    sides: list[Side] = []
    for flat in (data.query, data.code):
        counts = _row_counts(flat, rows, n)
        weights = np.log(1e-3 / (1e-3 + counts / max(1.0, counts.sum()))).astype(np.float32)
        sides.append(Side(weights, np.eye(options.width, dtype=np.float32)))
    return Model(table, *sides)


def row_counts(data: Data, rows: Rows) -> Ints:
    """Return how often each row of the table is met in all pairs."""
    n = len(rows.known) + rows.buckets
    return (_row_counts(data.query, rows, n) + _row_counts(data.code, rows, n)).astype(np.int64)


def _row_counts(flat: NDArray[np.int32], rows: Rows, n: int) -> NDArray[np.float64]:
    words = np.bincount(flat, minlength=len(rows.offsets) - 1)
    weights = np.repeat(words, np.diff(rows.offsets)).astype(np.float64)
    return np.bincount(rows.flat, weights=weights, minlength=n).astype(np.float64)


def train(data: Data, rows: Rows, options: Options, seconds: float, model: Model | None = None) -> Model:
    """Train for some seconds of processor time, the rate falling to nothing in the last half."""
    random = np.random.default_rng(options.seed + 100)
    model = model or new_model(data, rows, options)
    usable = _usable(data, options, random)
    began, seen, told, loss = time.process_time(), 0, 0.0, 0.0
    for step, batch in enumerate(_batches(data, usable, options, random), 1):
        done = (time.process_time() - began) / seconds
        if done > 1:
            break
        rate = options.rate * min(1.0, step / 20) * (1.0 if done < 0.5 else max(0.02, (1 - done) / 0.5))
        value, n = _step(data, rows, model, batch, options, rate, step, random)
        loss = value if step == 1 else 0.98 * loss + 0.02 * value
        seen += n
        if done > told:
            told += 0.1
            pace = seen / (time.process_time() - began + 1e-9)
            print(f"{done:.0%}: {seen:,} pairs, loss {loss:.3f}, {pace:,.0f} pairs a second", flush=True)
    return model


def _usable(data: Data, options: Options, random: np.random.Generator) -> Ints:
    query, code = np.diff(data.query_offsets), np.diff(data.code_offsets)
    held = np.array([name in HELD_OUT for name in data.names])[data.packages]
    chosen = (data.kinds != NAME) | (random.random(len(data.kinds)) < options.names)
    return np.flatnonzero((query >= options.least_query) & (code >= options.least_code) & ~held & chosen)


def _batches(data: Data, usable: Ints, options: Options, random: np.random.Generator) -> Iterator[Ints]:
    by_package = [usable[data.packages[usable] == number] for number in range(len(data.names))]
    by_package = [some for some in by_package if len(some) >= options.group // 2]
    while True:
        groups: list[Ints] = []
        for some in by_package:
            order = random.permutation(some)
            if random.random() < options.whole_files:
                places = random.permutation(int(data.files[some].max()) + 1)
                order = order[np.argsort(places[data.files[order]], kind="stable")]
            groups += [order[at : at + options.group] for at in range(0, len(order), options.group)]
        random.shuffle(groups)
        for at in range(0, len(groups), options.batch // options.group):
            some = np.concatenate(groups[at : at + options.batch // options.group])
            if len(some) >= options.batch // 2:
                yield some


def taken(flat: NDArray[np.int32], offsets: Ints, chosen: Ints, limits: Ints | None = None) -> tuple[Ints, Ints]:
    """Return the words of some pairs, one after the other, and which of the pairs each is from."""
    sizes = offsets[chosen + 1] - offsets[chosen]
    if limits is not None:
        sizes = np.minimum(sizes, limits)
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1]) + np.repeat(offsets[chosen] - (ends - sizes), sizes)
    return flat[places].astype(np.int64), np.repeat(np.arange(len(chosen)), sizes)


def _contained(some: Ints, among: Ints) -> NDArray[np.bool_]:
    among = np.sort(among)
    at = np.minimum(np.searchsorted(among, some), len(among) - 1)
    return among[at] == some


def _step(
    data: Data, rows: Rows, model: Model, batch: Ints, options: Options, rate: float, step: int,
    random: np.random.Generator,
) -> tuple[float, int]:  # fmt: skip
    n = len(batch)
    query, query_of = taken(data.query, data.query_offsets, batch, random.integers(5, 25, n))
    code, code_of = taken(data.code, data.code_offsets, batch)
    n_stems = len(data.words)
    query_keys, code_keys = query_of * n_stems + rows.stems[query], code_of * n_stems + rows.stems[code]
    drawn = random.random(n)
    from_code, from_both = drawn >= options.kept, drawn >= 1 - options.both
    stays = ~(from_both[query_of] & _contained(query_keys, code_keys)) & (
        random.random(len(query)) >= options.dropped_query
    )
    code_stays = ~(from_code[code_of] & _contained(code_keys, query_keys)) & (
        random.random(len(code)) >= options.dropped_code
    )
    query, query_of, code, code_of = query[stays], query_of[stays], code[code_stays], code_of[code_stays]
    enough = (np.bincount(query_of, minlength=n) >= 2) & (np.bincount(code_of, minlength=n) >= 3)
    number = np.cumsum(enough) - 1
    query, query_of = query[enough[query_of]], number[query_of[enough[query_of]]]
    code, code_of = code[enough[code_of]], number[code_of[enough[code_of]]]
    n = int(enough.sum())
    one, other = (
        _forward(model, model.query, rows, query, query_of, n),
        _forward(model, model.code, rows, code, code_of, n),
    )
    scale = 1 / options.temperature
    logits = (one.units @ other.units.T) * np.float32(scale)
    raised = np.exp(logits - logits.max())
    forth, back = raised / raised.sum(1, keepdims=True), raised / raised.sum(0, keepdims=True)
    diagonal = np.arange(n)
    loss = -float(np.log(forth[diagonal, diagonal] + 1e-9).mean() + np.log(back[diagonal, diagonal] + 1e-9).mean()) / 2
    slope = forth + back
    slope[diagonal, diagonal] -= 2
    slope *= np.float32(scale / (2 * n))
    _backward(model, model.query, one, slope @ other.units, rate, step)
    _backward(model, model.code, other, slope.T @ one.units, rate, step)
    return loss, n


def _forward(model: Model, side: Side, rows: Rows, words: Ints, of: Ints, n: int) -> _Pass:
    sizes = rows.offsets[words + 1] - rows.offsets[words]
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    flat = rows.flat[np.arange(total) + np.repeat(rows.offsets[words] - (ends - sizes), sizes)]
    texts, shares = np.repeat(of, sizes), np.repeat(1.0 / np.maximum(sizes, 1), sizes)
    used, inverse = np.unique(flat, return_inverse=True)
    values = (np.exp(side.weights[flat]) * shares).astype(np.float32)
    share = sparse.csr_matrix((values, (texts, inverse)), shape=(n, len(used)))
    table = model.rows[used]
    sums = share @ table
    turned = sums @ side.matrix
    lengths = np.linalg.norm(turned, axis=1, keepdims=True) + np.float32(1e-6)
    return _Pass(used.astype(np.int64), share, table, sums, turned / lengths, lengths)


def _backward(model: Model, side: Side, done: _Pass, slope: Floats, rate: float, step: int) -> None:
    turned = (slope - done.units * (done.units * slope).sum(1, keepdims=True)) / done.lengths
    of_matrix = done.sums.T @ turned
    of_table = done.share.T @ (turned @ side.matrix.T)
    of_weights = (of_table * done.table).sum(1)
    used, decay = done.rows, np.float32(0.98)
    side.seen[used] += 1
    model.row_seen[used] += 1
    correction = 1 - decay ** side.seen[used]
    model.row_squares[used] = decay * model.row_squares[used] + (1 - decay) * (of_table**2).mean(1)
    spread = np.sqrt(model.row_squares[used] / (1 - decay ** model.row_seen[used])) + 1e-9
    model.rows[used] -= rate * np.clip(of_table / spread[:, None], -3, 3)
    side.weight_squares[used] = decay * side.weight_squares[used] + (1 - decay) * of_weights**2
    side.weights[used] -= (
        3 * rate * np.clip(of_weights / (np.sqrt(side.weight_squares[used] / correction) + 1e-9), -3, 3)
    )
    side.mean = 0.9 * side.mean + 0.1 * of_matrix
    side.squares = 0.99 * side.squares + 0.01 * of_matrix**2
    fresh = side.mean / (1 - 0.9**step)
    side.matrix -= 0.5 * rate * fresh / (np.sqrt(side.squares / (1 - 0.99**step)) + 1e-9)


def held_out_figures(data: Data, rows: Rows, model: Model, most: int = 1500) -> dict[str, float]:
    """Return the mean reciprocal rank of held-out sentences' code in its package, as it is and without shared words."""
    random = np.random.default_rng(3)
    found: dict[str, list[float]] = {"as it is": [], "without shared words": []}
    sizes = np.minimum(np.diff(data.query_offsets), np.diff(data.code_offsets))
    for number, name in enumerate(data.names):
        if name not in HELD_OUT:
            continue
        some = np.flatnonzero((data.packages == number) & (data.kinds != NAME) & (sizes >= 4))
        some = random.permutation(some)[:most]
        if len(some) < 100:
            continue
        query, query_of = taken(data.query, data.query_offsets, some)
        code, code_of = taken(data.code, data.code_offsets, some)
        n_stems = len(data.words)
        shared = _contained(code_of * n_stems + rows.stems[code], query_of * n_stems + rows.stems[query])
        units = _forward(model, model.query, rows, query, query_of, len(some)).units
        for key, kept in (("as it is", np.ones(len(code), bool)), ("without shared words", ~shared)):
            answers = _forward(model, model.code, rows, code[kept], code_of[kept], len(some)).units
            scores = units @ answers.T
            ranks = (scores > scores[np.arange(len(some)), np.arange(len(some))][:, None]).sum(1) + 1
            found[key].append(float((1 / ranks).mean()))
    return {key: float(np.mean(values)) for key, values in found.items() if values}


def write(model: Model, rows: Rows, dimensions: int, file: Path, counts: Ints) -> None:
    """Write a table: rows as bytes, the weights of either side, and the matrices turned so that few dimensions do.

    Args:
        model: what was trained.
        rows: which words it knows.
        dimensions: of the vectors that it will give.
        file: where.
        counts: how often each row was met; the commonest decide which dimensions stay.
    """
    spread = np.abs(model.rows).max(1, keepdims=True) / 127 + 1e-9
    often = np.sqrt(counts + 1.0)[:, None]
    both = [model.rows * np.exp(side.weights)[:, None] @ side.matrix * often for side in (model.query, model.code)]
    gram = sum(part.T @ part / np.square(part).sum() for part in both)
    best = np.linalg.eigh(gram)[1][:, ::-1][:, :dimensions]
    # Turned once more by chance, so that no dimension is longer than the others: vectors are kept as whole numbers.
    turn = best @ np.linalg.qr(np.random.default_rng(0).standard_normal((dimensions, dimensions)))[0]
    arrays = {
        "words": np.frombuffer("\n".join(rows.known).encode(), np.uint8),
        "rows": np.round(model.rows / spread).astype(np.int8),
    }
    for name, side in (("query", model.query), ("code", model.code)):
        weights = np.exp(side.weights) * spread[:, 0]
        arrays[f"{name}_weights"] = (weights / weights.max()).astype(np.float16)
        arrays[f"{name}_matrix"] = (side.matrix @ turn).astype(np.float32)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
