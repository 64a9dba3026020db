#!/usr/bin/env python3
"""The second pass of judging: right answers that nobody listed, found among the first answers of every system.

Usage: pool.py sheets CORPORA_DIR RUNS_DIR LABELS_DIR SHEETS_DIR    writes the sheets to judge
       pool.py merge CORPORA_DIR LABELS_DIR JUDGED.jsonl ...        puts judgements into the labels

A sheet is one JSON object a line: corpus, query, category, the known answers with their text, and ``candidates``, each
with ``id``, path, lines and text, in the order of path and line, so that neither rank nor system can be seen. Answers
that overlap are one candidate; those that hit a known answer or were judged before are left out.

A judgement is one JSON object a line: ``{"id": "…", "grade": 0, 1 or 2, "lines": [first, last]}``. Grade 2 answers as
well as the label does, 1 in part, 0 not. ``lines`` narrows the candidate to what answers and may be left out.

In a label, ``pooled`` holds places of grade 1 and 2; in the category *paraphrase* ``shares_words`` says whether one has
a word of the query, which that category excludes for its labels. Places of grade 0 go to the folder ``rejected`` beside
LABELS_DIR, as PATH:FIRST-LAST by query, so that nobody judges them twice.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics import hits, targets_of

from cognate.search.query import read_query
from cognate.words import stem, words

DEPTH = 5
BATCH = 60  # Queries a sheet.
SHOWN_LINES = 60
SHOWN_COLUMNS = 160
LONGEST = 120  # Lines; answers that overlap are not merged beyond it.

Span = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one labelled query."""

    corpus: str
    label: Mapping[str, Any]
    places: Sequence[Span]


def pools(runs: Sequence[Path], labels: Path) -> Iterator[Pool]:
    """Yield what is to be judged of each query that has anything to judge."""
    found: dict[tuple[str, str], list[Span]] = {}
    for run in runs:
        for line in run.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault((row["corpus"], row["query"]), []).extend(row["results"][:DEPTH])
    for file in sorted(labels.glob("*.json")):
        rejected = read_rejected(labels, file.stem)
        for label in json.loads(file.read_text(encoding="utf-8")):
            refused = map(place_named, rejected.get(label["query"], []))
            known = [*targets_of(label), *label.get("pooled", []), *refused]
            fresh = [p for p in found.get((file.stem, label["query"]), []) if not any(hits(p, t) for t in known)]
            if fresh:
                yield Pool(file.stem, label, merged(fresh))


def merged(places: Sequence[Span]) -> list[Span]:
    """Return the places in the order of path and line, those that overlap as one."""
    out: list[Span] = []
    for place in sorted(places, key=lambda p: (p["path"], p["start_line"], p["end_line"])):
        last = out[-1] if out else None
        together = last is not None and last["path"] == place["path"] and place["start_line"] <= last["end_line"]
        if last is not None and together:
            if max(last["end_line"], place["end_line"]) - last["start_line"] < LONGEST:
                last["end_line"] = max(last["end_line"], place["end_line"])
                continue
            if place["end_line"] <= last["end_line"]:
                continue
        out.append({key: place[key] for key in ("path", "start_line", "end_line")})
    return out


def read_rejected(labels: Path, corpus: str) -> dict[str, list[str]]:
    """Return the places of a corpus that were judged to be no answers, by query."""
    file = labels.with_name("rejected") / f"{corpus}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def place_named(text: str) -> Span:
    """Return the place that PATH:FIRST-LAST names."""
    path, _, lines = text.rpartition(":")
    first, _, last = lines.partition("-")
    return {"path": path, "start_line": int(first), "end_line": int(last)}


def shown(corpora: Path, corpus: str, place: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return a place with its text, shortened."""
    if isinstance(place, str):
        return {"path": place}
    lines = (corpora / corpus / place["path"]).read_text(encoding="utf-8", errors="replace").split("\n")
    first, last = place["start_line"], place["end_line"]
    text = [line[:SHOWN_COLUMNS] for line in lines[first - 1 : last]]
    if len(text) > SHOWN_LINES:
        text = [*text[: SHOWN_LINES * 3 // 4], f"… {len(text) - SHOWN_LINES} lines …", *text[-SHOWN_LINES // 4 :]]
    return {"path": place["path"], "lines": [first, last], "text": "\n".join(text)}


def write_sheets(corpora: Path, runs: Sequence[Path], labels: Path, out: Path) -> None:
    """Write the sheets in batches."""
    out.mkdir(parents=True, exist_ok=True)
    every = list(pools(runs, labels))
    for batch, start in enumerate(range(0, len(every), BATCH), 1):
        rows: list[str] = []
        for pool in every[start : start + BATCH]:
            candidates = [
                {"id": f"{pool.corpus}|{pool.label['query']}|{p['path']}:{p['start_line']}-{p['end_line']}",
                 **shown(corpora, pool.corpus, p)}
                for p in pool.places
            ]  # fmt: skip
            known = [shown(corpora, pool.corpus, target) for target in targets_of(pool.label)]
            rows.append(
                json.dumps({"corpus": pool.corpus, "query": pool.label["query"], "category": pool.label["category"],
                            "known": known, "candidates": candidates})
            )  # fmt: skip
        (out / f"batch-{batch}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(every)} queries, {sum(len(pool.places) for pool in every)} candidates in {out}")


def merge(corpora: Path, labels: Path, judged: Sequence[Path]) -> None:
    """Put judgements into the labels; a later one takes the place of an earlier one of the same candidate."""
    grades: dict[str, dict[str, Any]] = {}
    for file in judged:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                judgement = json.loads(line)
                grades[judgement["id"]] = judgement
    for file in sorted(labels.glob("*.json")):
        content: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        rejected = read_rejected(labels, file.stem)
        for label in content:
            start = f"{file.stem}|{label['query']}|"
            mine = [(key.removeprefix(start), j) for key, j in sorted(grades.items()) if key.startswith(start)]
            refused = {name for name, judgement in mine if judgement["grade"] == 0}
            if refused:
                rejected[label["query"]] = sorted(refused.union(rejected.get(label["query"], [])))
            _add_answers(label, [pair for pair in mine if pair[0] not in refused], corpora / file.stem)
        rows = ",\n".join("  " + json.dumps(label, ensure_ascii=False) for label in content)
        file.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        if rejected:
            place = labels.with_name("rejected") / file.name
            place.parent.mkdir(exist_ok=True)
            place.write_text(json.dumps(rejected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _add_answers(label: dict[str, Any], judgements: Sequence[tuple[str, Mapping[str, Any]]], folder: Path) -> None:
    pooled: list[Span] = list(label.get("pooled", []))
    for name, judgement in sorted(judgements, key=lambda pair: -pair[1]["grade"]):
        place = place_named(name)
        place["start_line"], place["end_line"] = judgement.get("lines", [place["start_line"], place["end_line"]])
        if any(hits(place, known) for known in [*targets_of(label), *pooled]):
            continue
        place["grade"] = judgement["grade"]
        if label["category"] == "paraphrase":
            place["shares_words"] = _shares_words(label["query"], folder / place["path"], place)
        pooled.append(place)
    if pooled:
        label["pooled"] = sorted(pooled, key=lambda p: (-p["grade"], p["path"], p["start_line"]))


def _shares_words(query: str, file: Path, place: Span) -> bool:
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    text = "\n".join(lines[place["start_line"] - 1 : place["end_line"]])
    return bool({stem(word) for word in words(text)} & set(read_query(query).words))


def main() -> None:
    """Write sheets or merge judgements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    sheets = commands.add_parser("sheets")
    for name in ("corpora", "runs", "labels", "out"):
        sheets.add_argument(name, type=Path)
    joining = commands.add_parser("merge")
    joining.add_argument("corpora", type=Path)
    joining.add_argument("labels", type=Path)
    joining.add_argument("judged", type=Path, nargs="+")
    options = parser.parse_args()
    if options.command == "sheets":
        write_sheets(options.corpora, sorted(options.runs.glob("*.jsonl")), options.labels, options.out)
    else:
        merge(options.corpora, options.labels, options.judged)


if __name__ == "__main__":
    main()
