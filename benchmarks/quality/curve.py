"""Draws lines over named steps as an SVG picture, panels side by side. Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil

WIDTH, HEIGHT = 430, 280  # Of a panel.
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 34, 40
INK, GRID, PAPER = "#24292f", "#d8dee4", "#ffffff"
LOOKS = (("#0969da", ""), ("#0969da", "5 4"), ("#cf222e", ""), ("#cf222e", "5 4"))
"""Colour and dashes of each line, in order."""

Lines = Mapping[str, Sequence[float]]


def svg(panels: Mapping[str, Lines], steps: Sequence[str], below: str) -> str:
    """Return a picture.

    Args:
        panels: by title, the lines of each; the values of a line, one a step, by its name.
        steps: names of the steps, evenly spaced.
        below: what the steps are.
    """
    names = list(next(iter(panels.values())))
    width, height = WIDTH * len(panels), HEIGHT + 18 * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
    ]
    for number, (title, lines) in enumerate(panels.items()):
        parts += _panel(number * WIDTH, title, lines, steps, below)
    for row, name in enumerate(names):
        y = HEIGHT + 18 * row + 8
        parts.append(_line(row, f"{LEFT},{y} {LEFT + 34},{y}"))
        parts.append(f'<text x="{LEFT + 42}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(left: int, title: str, lines: Lines, steps: Sequence[str], below: str) -> list[str]:
    values = [value for of_line in lines.values() for value in of_line]
    low, high, step = _bounds(min(values), max(values))
    first, last = left + LEFT, left + WIDTH - RIGHT

    def x(position: int) -> float:
        return first + 10 + position * (last - first - 20) / max(1, len(steps) - 1)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    parts = [f'<text x="{first}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>']
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        parts.append(f'<path d="M{first} {y(value):.1f}H{last}" stroke="{GRID}"/>')
        parts.append(f'<text x="{first - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>')
    for position, name in enumerate(steps):
        parts.append(f'<text x="{x(position):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{name}</text>')
    parts.append(f'<text x="{last}" y="{HEIGHT - 8}" text-anchor="end">{escape(below)}</text>')
    for row, of_line in enumerate(lines.values()):
        parts.append(_line(row, " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(of_line))))
    return parts


def _line(row: int, points: str) -> str:
    colour, dashes = LOOKS[row % len(LOOKS)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def _bounds(lowest: float, highest: float) -> tuple[float, float, float]:
    """Return the ends of an axis that holds all values, and its step: 0.01, 0.02, 0.05 or 0.1."""
    span = max(highest - lowest, 0.01)
    step = next((one for one in (0.01, 0.02, 0.05) if span / one <= 6), 0.1)
    low = int(lowest / step)
    high = max(low + 1, ceil(highest / step - 1e-9))
    return low * step, high * step, step
