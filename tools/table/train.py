"""Trains the translation table, gradients by hand: a sentence finds its code among that of its neighbours.

A text's vector is the weighted sum of its words' rows, turned by the matrix of its side, of unit length. The loss is
the softmax over a batch, both ways. A batch is made of groups from one package each, half of them of whole files, so
that wrong answers are near the right one. What question and code share is deleted most of the time: words that are the
same find each other without a table. Only rows that a batch touches are changed (Adam, one step size a row). What is
no product of matrices is done by ``step.cpp``.
"""

import ctypes
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.table.merge import HELD_OUT, Data, Rows
from tools.table.step import Texts, Visit, address, compiled

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]

NAME = 6  # The kind of pair whose question is a name; these count least, as most questions are sentences.


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is trained; each value was chosen by held-out packages, see docs/training.md."""

    width: int = 256
    turned: int = 256
    """Dimensions that the matrices turn rows to."""
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
    words_of_query: tuple[int, int] = (5, 24)
    """How many words of a question are read, at least and at most, by chance."""
    dropped_query: float = 0.1
    dropped_code: float = 0.25
    longer: float = 0.0
    """Share of visits in which the code of the file's next pair stands below, as chunks are longer than most pairs."""
    visits: float = 1.0
    """How often each pair is seen."""
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
    """One side of a batch: which rows were read, by what factor, in which text, and what came of it."""

    used: Ints32
    values: Floats
    of: Ints32
    sums: Floats
    units: Floats
    lengths: Floats


def new_model(data: Data, rows: Rows, options: Options) -> Model:
    """Return a table with random rows, and weights that begin as the rarity of the words."""
    random = np.random.default_rng(options.seed)
    n = len(rows.known) + rows.buckets
    table = (random.standard_normal((n, options.width)) / np.sqrt(options.width)).astype(np.float32)
    matrix = np.linalg.qr(random.standard_normal((options.width, options.width)))[0][:, : options.turned]
    matrix = np.eye(options.width) if options.turned == options.width else matrix
    matrix = np.ascontiguousarray(matrix, np.float32)
    sides: list[Side] = []
    for flat in (data.query, data.code):
        counts = _row_counts(flat, rows, n)
        weights = np.log(1e-3 / (1e-3 + counts / max(1.0, counts.sum()))).astype(np.float32)
        sides.append(Side(weights, matrix.copy()))
    return Model(table, *sides)


def row_counts(data: Data, rows: Rows) -> Ints:
    """Return how often each row of the table is met in all pairs."""
    n = len(rows.known) + rows.buckets
    return (_row_counts(data.query, rows, n) + _row_counts(data.code, rows, n)).astype(np.int64)


def _row_counts(flat: NDArray[np.int32], rows: Rows, n: int) -> NDArray[np.float64]:
    words = np.bincount(flat, minlength=len(rows.offsets) - 1)
    weights = np.repeat(words, np.diff(rows.offsets)).astype(np.float64)
    return np.bincount(rows.flat, weights=weights, minlength=n).astype(np.float64)


def train(data: Data, rows: Rows, options: Options) -> Model:
    """Train until every pair was seen as often as asked, the rate falling to nothing in the last half."""
    random = np.random.default_rng(options.seed + 100)
    model = new_model(data, rows, options)
    usable = _usable(data, options, random)
    aim = options.visits * len(usable)
    trainer = Trainer(data, rows, model, options)
    began, seen, told, loss = time.process_time(), 0, 0.0, 0.0
    for step, batch in enumerate(_batches(data, usable, options, random), 1):
        done = seen / aim
        if done >= 1:
            break
        rate = options.rate * min(1.0, step / 20) * (1.0 if done < 0.5 else max(0.02, (1 - done) / 0.5))
        value = trainer.step(batch, rate, step, int(random.integers(1 << 62)))
        loss = value if step == 1 else 0.98 * loss + 0.02 * value
        seen += len(batch)
        if done >= told:
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


def taken(flat: Ints32, offsets: Ints, chosen: Ints) -> tuple[Ints32, Ints]:
    """Return the words of some pairs, one after the other, and which of the pairs each is from."""
    sizes = offsets[chosen + 1] - offsets[chosen]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1]) + np.repeat(offsets[chosen] - (ends - sizes), sizes)
    return flat[places], np.repeat(np.arange(len(chosen)), sizes)


def _contained(some: Ints, among: Ints) -> NDArray[np.bool_]:
    among = np.sort(among)
    at = np.minimum(np.searchsorted(among, some), len(among) - 1)
    return among[at] == some


class Trainer:
    """Holds the memory that steps share, and calls ``step.cpp``."""

    def __init__(self, data: Data, rows: Rows, model: Model, options: Options) -> None:
        self.data, self.rows, self.model, self.options = data, rows, model, options
        self._native = compiled()
        self._marks, self._mark = np.zeros(len(data.words), np.int64), np.zeros(1, np.int64)
        self._first = np.full(len(model.rows), -1, np.int64)
        self._files = data.packages.astype(np.int64) << 32 | data.files
        self._texts = tuple(
            Texts.of(words, offsets, self._files)
            for words, offsets in ((data.query, data.query_offsets), (data.code, data.code_offsets))
        )
        self._visit = Visit.of(options)

    def step(self, batch: Ints, rate: float, step: int, seed: int) -> float:
        """Learn from some pairs once; return the loss."""
        query, query_sizes, code, code_sizes = self._chosen(batch, seed)
        n = len(query_sizes)
        model, scale = self.model, 1 / self.options.temperature
        one = self.forward(model.query, query, query_sizes)
        other = self.forward(model.code, code, code_sizes)
        raised = one.units @ other.units.T
        raised -= np.float32(1)
        raised *= np.float32(scale)
        np.exp(raised, out=raised)
        forth, back = 1 / raised.sum(1, keepdims=True), 1 / raised.sum(0, keepdims=True)
        diagonal = np.arange(n)
        right = raised[diagonal, diagonal]
        loss = -float(np.log(right * forth[:, 0] + 1e-9).mean() + np.log(right * back[0] + 1e-9).mean()) / 2
        raised *= forth + back
        raised[diagonal, diagonal] -= 2
        raised *= np.float32(scale / (2 * n))
        self._backward(model.query, one, raised @ other.units, rate, step)
        self._backward(model.code, other, raised.T @ one.units, rate, step)
        return loss

    def _chosen(self, batch: Ints, seed: int) -> tuple[Ints32, Ints32, Ints32, Ints32]:
        data, n = self.data, len(batch)
        sizes = np.zeros(n, np.int32), np.zeros(n, np.int32)
        words = tuple(
            np.empty(int((offsets[np.minimum(batch + 2, len(data.files))] - offsets[batch]).sum()), np.int32)
            for offsets in (data.query_offsets, data.code_offsets)
        )
        query, code = self._texts
        n = self._native.choose(
            ctypes.byref(query), ctypes.byref(code), address(batch), n, address(self.rows.stems),
            ctypes.byref(self._visit), seed, address(self._marks), address(self._mark), address(words[0]),
            address(sizes[0]), address(words[1]), address(sizes[1]),
        )  # fmt: skip
        return words[0], sizes[0][:n], words[1], sizes[1][:n]

    def forward(self, side: Side, words: Ints32, sizes: Ints32) -> _Pass:
        """Return the vectors of some texts."""
        words, rows, width = words[: int(sizes.sum())], self.rows, self.model.rows.shape[1]
        total = int((rows.offsets[words + 1] - rows.offsets[words]).sum())
        used, of, values = np.empty(total, np.int32), np.empty(total, np.int32), np.empty(total, np.float32)
        sums = np.empty((len(sizes), width), np.float32)
        self._native.add_up(
            address(words), address(sizes), len(sizes), address(rows.flat), address(rows.offsets),
            address(side.weights), address(self.model.rows), width, address(used), address(values), address(of),
            address(sums),
        )  # fmt: skip
        turned = sums @ side.matrix
        lengths = np.linalg.norm(turned, axis=1, keepdims=True) + np.float32(1e-6)
        return _Pass(used, values, of, sums, turned / lengths, lengths)

    def _backward(self, side: Side, done: _Pass, slope: Floats, rate: float, step: int) -> None:
        model = self.model
        turned = (slope - done.units * (done.units * slope).sum(1, keepdims=True)) / done.lengths
        of_sums = turned @ side.matrix.T
        self._native.change(
            address(done.used), address(done.values), address(done.of), len(done.used), address(of_sums),
            model.rows.shape[1], address(model.rows), address(model.row_squares), address(model.row_seen),
            address(side.weights), address(side.weight_squares), address(side.seen), address(self._first), rate,
        )  # fmt: skip
        of_matrix = done.sums.T @ turned
        side.mean = 0.9 * side.mean + 0.1 * of_matrix
        side.squares = 0.99 * side.squares + 0.01 * of_matrix**2
        fresh = side.mean / (1 - 0.9**step)
        side.matrix -= 0.5 * rate * fresh / (np.sqrt(side.squares / (1 - 0.99**step)) + 1e-9)


def held_out_figures(data: Data, rows: Rows, model: Model, most: int = 1500) -> dict[str, float]:
    """Return the mean reciprocal rank of held-out sentences' code in its package, as it is and without shared words."""
    random, trainer = np.random.default_rng(3), Trainer(data, rows, model, Options())
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
        units = trainer.forward(model.query, query, np.bincount(query_of, minlength=len(some)).astype(np.int32)).units
        for key, kept in (("as it is", np.ones(len(code), bool)), ("without shared words", ~shared)):
            code_sizes = np.bincount(code_of[kept], minlength=len(some)).astype(np.int32)
            answers = trainer.forward(model.code, code[kept], code_sizes).units
            scores = units @ answers.T
            ranks = (scores > scores[np.arange(len(some)), np.arange(len(some))][:, None]).sum(1) + 1
            found[key].append(float((1 / ranks).mean()))
    return {key: float(np.mean(values)) for key, values in found.items() if values}
