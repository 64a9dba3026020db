"""``history``: commits by words and meaning, or those that made a place what it is; asks whoever a search asks."""

import argparse
import re
import sys
from dataclasses import asdict

from cognate.cli import output
from cognate.cli.exit_codes import FOUND, NOTHING_FOUND
from cognate.cli.loading import inside
from cognate.cli.search import Asked, asked
from cognate.commits import CommitHit, History, Together, iso_date, seconds_of
from cognate.errors import InvalidRequestError, WorkspaceError
from cognate.search.request import HistoryRequest
from cognate.types import Span

MOST_TOGETHER = 5  # Files shown to a person.

_PLACE = re.compile(r"(.+):(\d+)(?:-(\d+))?")


def history(options: argparse.Namespace) -> int:
    """Answer one question to the history."""
    since = _since(options.since) if options.since else None
    with asked(options, options.path or ".") as index:
        span = _place(index, options.query)
        query = "" if span is not None else sys.stdin.read() if options.query == "-" else options.query
        near = tuple(inside(index.folder, file, index.here) for file in options.near)
        request = HistoryRequest(query, span, since, tuple(options.glob), options.limit, near)
        found = index.history(request)
    if options.json:
        output.write_json(_fields(found))
    else:
        about_files = span is not None or near
        _write(found, options.path, "usually changed with this" if about_files else "such changes touched")
    if found.message and not options.json:
        output.write_note(found.message)
    return FOUND if found.commits or found.together else NOTHING_FOUND


def _since(text: str) -> int:
    seconds = seconds_of(text)
    if seconds is None:
        raise InvalidRequestError(f"{text} is not a date. Write it as 2024-01-31 or 2024-01-31T12:00.")
    return seconds


def _place(index: Asked, query: str) -> Span | None:
    """Return the lines that FILE:LINE or FILE:LINE-LINE names, None for any other query."""
    named = _PLACE.fullmatch(query)
    if named is None:
        return None
    try:
        path = inside(index.folder, named[1], index.here)
    except (WorkspaceError, OSError, ValueError):
        return None
    first = int(named[2])
    last = int(named[3] or first)
    if not 1 <= first <= last:
        raise InvalidRequestError(f"Lines count from 1, and the last must not come before the first: {query}")
    return Span(path, first - 1, last)


def _fields(found: History) -> dict[str, object]:
    return {
        "commits": [_commit_fields(hit) for hit in found.commits],
        "together": [_together_fields(file) for file in found.together],
        "covered": found.covered,
        "message": found.message,
    }


def _commit_fields(hit: CommitHit) -> dict[str, object]:
    return {
        **asdict(hit.commit),
        "date": iso_date(hit.commit.date),
        "score": round(hit.score, 4),
        "files": list(hit.files),
        "places": [{**output.place_fields(p.path, p.start_line, p.end_line), "symbol": p.symbol} for p in hit.places],
    }


def _together_fields(file: Together) -> dict[str, object]:
    return {"path": file.path, "score": round(file.score, 4), "commits": file.commits}


def _write(found: History, prefix: str | None, title: str) -> None:
    output.write_commits(found.commits, prefix=prefix)
    if found.together:
        output.write_together(found.together[:MOST_TOGETHER], title=title, prefix=prefix)
