#!/usr/bin/env python3
"""Writes the tables of the pages from the results of benchmarks; a test finds drift.

    python benchmarks/tables.py

A file of results, ``results/DATE-MACHINE.json``, holds when and on what it was measured and its tables by name. A table
has ``columns``, each with the ``key`` of its cells, its ``title``, and where they apply ``decimals``, ``unit``, whether
the ``most`` or the ``least`` is ``best``, and ``signed``; and ``rows``, each an object of cells. A cell is null, text,
a number, a list of numbers, which are shown side by side, or an object of a ``value`` and the ``low`` and ``high`` end
of its interval; a column ``date`` has the date of the file. A page has a table where it says ``<!-- table NAME of
DATE-MACHINE -->``, up to ``<!-- end of table -->``; of several files, with commas between, it has the rows of all.
"""

import argparse
import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results"
PAGES = (ROOT / "README.md", HERE / "README.md")

Table: TypeAlias = Mapping[str, Any]

_PLACE = re.compile(r"(<!-- table ([\w-]+) of ([\w-]+(?:, [\w-]+)*) -->\n).*?(<!-- end of table -->)", re.DOTALL)
OURS = "Cognate"


def kind_of_machine() -> str:
    """Return what names the machine's kind in names of files: its cores, and what of its processor counts for speed."""
    information = Path("/proc/cpuinfo")
    flags = information.read_text(encoding="utf-8", errors="replace") if information.is_file() else ""
    return f"{os.cpu_count()}-core-{'vnni' if 'vnni' in flags else platform.machine().lower().replace('_', '-')}"


def shown(table: Table) -> str:
    """Return a table in Markdown; the best figures of a column stand out, and so does our own row."""
    columns: Sequence[Mapping[str, Any]] = table["columns"]
    rows: Sequence[Mapping[str, Any]] = table["rows"]
    best = {column["key"]: _best(column, rows) for column in columns}
    lines = [[column["title"] for column in columns]]
    for row in rows:
        cells: list[str] = []
        for column in columns:
            cell = row.get(column["key"])
            text = _text(cell, column)
            stands_out = (cell is not None and cell == best[column["key"]]) or cell == OURS
            cells.append(f"**{text}**" if stands_out else text)
        lines.append(cells)
    head, *body = (f"| {' | '.join(cells)} |" for cells in lines)
    return "\n".join([head, "|---" * len(columns) + "|", *body]) + "\n"


def _best(column: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return the best cell of a column; of cells with several numbers the last one decides."""
    cells = [row[column["key"]] for row in rows if isinstance(row.get(column["key"]), int | float | list)]
    if "best" not in column or not cells:
        return None
    return (max if column["best"] == "most" else min)(
        cells, key=lambda cell: cell[-1] if isinstance(cell, list) else cell
    )


def _text(cell: Any, column: Mapping[str, Any]) -> str:
    if cell is None:
        return ""
    if isinstance(cell, list):
        return " / ".join(_text(one, column) for one in cell)
    if isinstance(cell, dict):
        value, low, high = (_text(cell[part], column) for part in ("value", "low", "high"))
        return f"{value} [{low}, {high}]"
    if isinstance(cell, str):
        return cell
    decimals = column.get("decimals")
    sign = "+" if column.get("signed") else ""
    text = f"{cell:{sign}}" if decimals is None else f"{cell:{sign},.{decimals}f}"
    return f"{text} {column['unit']}" if "unit" in column else text


def read(name: str) -> Mapping[str, Any]:
    """Return a file of results."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def with_tables(page: str) -> str:
    """Return a page with its tables as the results say.

    Raises:
        KeyError: when the results have no such table.
        OSError: when there are no such results.
    """
    return _PLACE.sub(lambda place: place[1] + shown(_joined(place[2], place[3].split(", "))) + place[4], page)


def _joined(table: str, files: Sequence[str]) -> Table:
    """Return a table with the rows of several files, one below the other."""
    found = [(results["date"], results["tables"][table]) for results in map(read, files)]
    return {
        "columns": found[0][1]["columns"],
        "rows": [{"date": date, **row} for date, one in found for row in one["rows"]],
    }


def main() -> None:
    """Write the tables of all pages."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for page in PAGES:
        page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
