"""Draws how time and memory grow with the number of chunks: docs/images/scaling.png, with Pillow alone.

Usage: plot.py WORK/results.json
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "scaling.png"
WIDTH, HEIGHT = 520, 340  # Of a panel, before scaling.
SCALE = 2
MARGIN = {"left": 66, "right": 22, "top": 44, "bottom": 44}
INK, GRID, PAPER = "#24292f", "#d8dee4", "#ffffff"
COLOURS = ("#0969da", "#cf222e", "#1a7f37")

PANELS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("start from nothing, s", (("cold index, s", "everything embedded"),)),
    ("start on an index, s", (("no change, s", "second `index`"), ("warm start to first answer, s", "first answer"))),
    ("a search over stdio, ms", (("search p50, ms", "p50"), ("search p95, ms", "p95"))),
    ("memory and disk, MB", (("memory after start, MB", "resident"), ("index on disk, MB", "on disk"))),
)

Points = Sequence[tuple[float, float]]


def draw(figures: Mapping[str, Mapping[str, float]], out: Path = OUT) -> None:
    """Write the picture: four panels, both axes logarithmic, one point a size."""
    picture = Image.new("RGB", (2 * WIDTH * SCALE, 2 * HEIGHT * SCALE), PAPER)
    pen = ImageDraw.Draw(picture)
    for number, (title, series) in enumerate(PANELS):
        lines = {label: _points(figures, name) for name, label in series}
        corner = (number % 2 * WIDTH, number // 2 * HEIGHT)
        _panel(pen, corner, title, {label: points for label, points in lines.items() if points})
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(64).save(out, optimize=True)


def _points(figures: Mapping[str, Mapping[str, float]], name: str) -> Points:
    return sorted((sizes["chunks"], sizes[name]) for sizes in figures.values() if name in sizes and "chunks" in sizes)


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of a logarithmic axis that holds the values: one, two or five times a power of ten."""
    steps = [m * 10.0**e for e in range(-4, 9) for m in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values))
    high = min(step for step in steps if step > max(values))
    return low, high


def _panel(pen: ImageDraw.ImageDraw, corner: tuple[int, int], title: str, lines: Mapping[str, Points]) -> None:
    left, top = corner[0] + MARGIN["left"], corner[1] + MARGIN["top"]
    right, bottom = corner[0] + WIDTH - MARGIN["right"], corner[1] + HEIGHT - MARGIN["bottom"]
    _text(pen, (left, corner[1] + 14), title, size=15)
    every = [point for points in lines.values() for point in points]
    if not every:
        return
    xs, ys = bounds([x for x, _ in every]), bounds([y for _, y in every])

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (right - left) * math.log(x / xs[0]) / math.log(xs[1] / xs[0]),
            bottom - (bottom - top) * math.log(y / ys[0]) / math.log(ys[1] / ys[0]),
        )

    for x in _ticks(*xs):
        at = place(x, ys[0])[0]
        _line(pen, [(at, top), (at, bottom)], GRID, 1)
        _text(pen, (at, bottom + 8), f"{x:,.0f}", centred=True)
    for y in _ticks(*ys):
        at = place(xs[0], y)[1]
        _line(pen, [(left, at), (right, at)], GRID, 1)
        _text(pen, (left - 8, at - 8), f"{y:,g}", right=True)
    _text(pen, (right, bottom + 24), "chunks", right=True)
    pen.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], outline=GRID, width=SCALE)
    for number, (label, points) in enumerate(lines.items()):
        colour = COLOURS[number]
        legend = bottom - 16 - 20 * (len(lines) - 1 - number)  # Low on the right, where what grows leaves room.
        spots = [place(*point) for point in points]
        _line(pen, spots, colour, 2)
        for x, y in spots:
            pen.ellipse([(x - 4) * SCALE, (y - 4) * SCALE, (x + 4) * SCALE, (y + 4) * SCALE], fill=colour)
        _text(pen, (right - 42, legend - 8), label, right=True)
        _line(pen, [(right - 34, legend), (right - 12, legend)], colour, 2)


def _ticks(low: float, high: float) -> list[float]:
    powers = [10.0**e for e in range(-4, 9) if low <= 10.0**e <= high]
    return powers if len(powers) > 1 else sorted({low, *powers, high})


def _line(pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], colour: str, width: int) -> None:
    pen.line([(x * SCALE, y * SCALE) for x, y in points], fill=colour, width=width * SCALE, joint="curve")


def _text(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, *, size: int = 12, right: bool = False,
    centred: bool = False,
) -> None:  # fmt: skip
    font = ImageFont.load_default(size * SCALE)
    shift = pen.textlength(text, font=font) * (1.0 if right else 0.5 if centred else 0.0)
    pen.text((at[0] * SCALE - shift, at[1] * SCALE), text, fill=INK, font=font)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    draw(json.loads(parser.parse_args().results.read_text(encoding="utf-8"))["points"])
