"""What each command does: opens an engine, asks it, prints the answer. Runs on the main thread."""

import argparse
import shutil
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.cli import output
from cognate.cli.loading import settings_of
from cognate.cli.main import ERROR, FOUND, NOTHING_FOUND
from cognate.engine.engine import Engine, open_engine
from cognate.engine.places import default_cache_dir, store_folder
from cognate.engine.requests import RelatedRequest, SearchRequest
from cognate.engine.services import Services
from cognate.errors import InvalidRequestError, WorkspaceError
from cognate.index.lock import WriterLock
from cognate.types import Hit, Place, Scope, State, Status

SETTLED = frozenset({State.READY, State.LEXICAL_ONLY})
"""States in which a change has been brought in as far as it can be."""

INTERRUPT_S = 1.0  # On Windows, Ctrl-C is seen between two waits only.


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and the folder that it is of."""

    engine: Engine
    folder: Path


@contextmanager
def open_current(
    options: argparse.Namespace, path: str, *, current: bool = True, watch: bool = False
) -> Generator[Opened]:
    """Open a folder's engine and, unless told otherwise, bring its index up to date with progress on stderr."""
    settings = settings_of(options)
    if not watch:
        settings = replace(settings, update_delay_ms=0)
    services: Services = getattr(options, "services", None) or Services()  # A search has begun to load the model.
    folder = Path(path).resolve()
    engine = open_engine(folder, settings, services)
    try:
        with output.progress(enabled=not options.json and sys.stderr.isatty()) as show:
            engine.subscribe(show)
            if watch:
                engine.watch(output.write_note)
            engine.start()
            engine.wait_until_current(embedded=current)
        message = engine.status().message
        if message:
            output.write_note(message)
        yield Opened(engine, folder)
    finally:
        engine.close()
        services.close()


def index(options: argparse.Namespace) -> int:
    """Bring a folder's index up to date and say what is in it."""
    with open_current(options, options.path, watch=options.watch) as opened:
        status = opened.engine.status()
        output.write_status(status, as_json=options.json)
        if options.watch:
            _follow(options, opened.engine, status)
        return FOUND if status.index.chunks or options.watch else NOTHING_FOUND


def _follow(options: argparse.Namespace, engine: Engine, shown: Status) -> None:
    """Say what each change made of the index, until the user interrupts or nobody reads on."""
    ended = threading.Event()
    generations = [shown.index.generation]

    def show(status: Status) -> None:
        """Write a line when a change is complete; on the writer's thread."""
        if status.index.state not in SETTLED or status.index.generation == generations[-1]:
            return
        generations[:] = [status.index.generation]
        try:
            if options.json:
                output.write_json(output.status_fields(status))
            else:
                output.write_change(status)
            sys.stdout.flush()
        except BrokenPipeError:
            ended.set()

    try:
        sys.stdout.flush()
        engine.subscribe(show)
        show(engine.status())
        while not ended.wait(INTERRUPT_S):
            pass
    except KeyboardInterrupt:
        return


def search(options: argparse.Namespace) -> int:
    """Answer one query, or a file of queries."""
    if options.queries is not None:
        return _search_many(options)
    if not options.query:
        raise InvalidRequestError('Say what to look for: cognate search "how are requests retried"')
    with open_current(options, options.path or ".") as opened:
        answer = opened.engine.search(_request(options, options.query), CancelToken())
        _write_hits(options, answer.hits, options.path)
        return FOUND if answer.hits else NOTHING_FOUND


def _search_many(options: argparse.Namespace) -> int:
    """One query a line in, one JSON object a line out."""
    if options.query and options.path:
        raise InvalidRequestError("--queries takes the place of QUERY: cognate search --queries FILE [PATH] --json")
    try:
        text = sys.stdin.read() if str(options.queries) == "-" else options.queries.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"The queries in {options.queries} cannot be read: {error}") from error
    queries = [line.strip() for line in text.splitlines() if line.strip()]
    found = False
    with open_current(options, options.query or options.path or ".") as opened:
        for query in queries:
            answer = opened.engine.search(_request(options, query), CancelToken())
            found = found or bool(answer.hits)
            if options.json:
                output.write_json({"query": query, "results": [_hit_fields(hit, options) for hit in answer.hits]})
            else:
                output.write_line(f"# {query}")
                output.write_hits(answer.hits, explain=options.explain)
    return FOUND if found else NOTHING_FOUND


def related(options: argparse.Namespace) -> int:
    """Find code like that at FILE:LINE."""
    file, _, line = options.place.rpartition(":")
    if not file or not line.isdigit() or int(line) < 1:
        raise InvalidRequestError(f"Say FILE:LINE, such as src/app.py:42, not {options.place!r}.")
    with open_current(options, options.path or ".") as opened:
        path = _inside(opened.folder, file)
        place = Place(path, int(line) - 1, int(line))
        request = RelatedRequest(place, options.limit, _scope(options), options.explain)
        answer = opened.engine.related(request, CancelToken())
        if not answer.hits and not opened.engine.explain(path).indexed:
            raise WorkspaceError(f"{file} is not in the index: {opened.engine.explain(path).rule}")
        _write_hits(options, answer.hits, options.path)
        return FOUND if answer.hits else NOTHING_FOUND


def status(options: argparse.Namespace) -> int:
    """Show what the index holds, without bringing it up to date first."""
    folder = Path(options.path).resolve()
    place = store_folder(default_cache_dir(), folder)
    if not place.is_dir():
        if options.json:
            output.write_json({"state": "empty", "folder": str(folder), "files": 0, "chunks": 0})
        else:
            output.write_line(f"{folder} is not indexed yet: cognate index {options.path}")
        return NOTHING_FOUND
    with open_current(options, options.path, current=False) as opened:
        output.write_status(opened.engine.status(), as_json=options.json)
        return FOUND


def explain(options: argparse.Namespace) -> int:
    """Name the rule that decided about a file."""
    with open_current(options, options.path or ".", current=False) as opened:
        found = opened.engine.explain(_inside(opened.folder, options.file))
        if options.json:
            output.write_json(asdict(found))
        else:
            state = f"indexed, {found.chunks} chunks" if found.indexed else "not indexed"
            output.write_line(f"{found.path}: {state}. {found.rule}")
        return FOUND if found.indexed else NOTHING_FOUND


def doctor(options: argparse.Namespace) -> int:
    """Check that everything Cognate needs is here and works."""
    from cognate.cli.doctor import examine  # noqa: PLC0415 - what it imports takes as long as a small index

    checks = examine(options.model)
    if options.json:
        output.write_json({"checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            output.write_line(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}")
    return FOUND if all(check.ok for check in checks) else ERROR


def clean(options: argparse.Namespace) -> int:
    """Remove a folder's index, or all of them."""
    cache = default_cache_dir()
    folder = Path(options.path).resolve()
    places = [store_folder(cache, folder)]
    if options.all:
        places = [*(p for p in (cache / "workspaces").glob("*") if p.is_dir()), cache / "embeddings"]
    removed: list[str] = []
    for place in places:
        if not place.is_dir():
            continue
        lock = WriterLock(place / "writer.lock")
        if not lock.acquire():
            raise WorkspaceError(f"{place} is in use by a running server; stop it first.")
        lock.release()
        shutil.rmtree(place)
        removed.append(str(place))
    if options.json:
        output.write_json({"removed": removed})
    else:
        output.write_line("\n".join(f"Removed {place}" for place in removed) or "There was nothing to remove.")
    return FOUND if removed else NOTHING_FOUND


def model_export(options: argparse.Namespace) -> int:
    """Export a sentence-transformers model to ONNX."""
    from cognate.model_tools import commands  # noqa: PLC0415 - needs the extra `models`

    return commands.export(options)


def model_quantize(options: argparse.Namespace) -> int:
    """Quantize an exported model."""
    from cognate.model_tools import commands  # noqa: PLC0415 - needs the extra `models`

    return commands.quantize(options)


def model_check(options: argparse.Namespace) -> int:
    """Compare an ONNX model with its source."""
    from cognate.model_tools import commands  # noqa: PLC0415 - needs the extra `models`

    return commands.check(options)


def _request(options: argparse.Namespace, query: str) -> SearchRequest:
    return SearchRequest(query, options.limit, _scope(options), explain=options.explain)


def _scope(options: argparse.Namespace) -> Scope:
    languages = frozenset(language.lower() for language in options.lang)
    return Scope(tuple(options.include), tuple(options.exclude), languages)


def _inside(folder: Path, file: str) -> str:
    """Return a path as people give it, relative to the working folder or to the workspace, relative to the latter."""
    for candidate in (Path(file).absolute(), folder / file):
        resolved = candidate.parent.resolve() / candidate.name
        if resolved.exists() and resolved.is_relative_to(folder):
            return resolved.relative_to(folder).as_posix()
    raise WorkspaceError(f"There is no file {file} in {folder}.")


def _write_hits(options: argparse.Namespace, hits: Sequence[Hit], path: str | None) -> None:
    if options.json:
        for hit in hits:
            output.write_json(_hit_fields(hit, options))
    elif hits:
        output.write_hits(hits, explain=options.explain, prefix=path)
    else:
        sys.stderr.write("cognate: nothing close was found\n")


def _hit_fields(hit: Hit, options: argparse.Namespace) -> dict[str, object]:
    fields: dict[str, object] = {
        "path": hit.path,
        "start_line": hit.start_line + 1,
        "end_line": hit.end_line,
        "focus_line": hit.focus_line + 1,
        "score": round(hit.score, 4),
        "symbol": hit.symbol.name if hit.symbol else None,
        "kind": hit.symbol.kind if hit.symbol else None,
        "language": hit.language,
        "preview": hit.preview,
        "why": {name: round(value, 4) for name, value in hit.why.items()} if hit.why is not None else None,
    }
    if hit.cell is not None:
        fields["cell"] = hit.cell + 1
    if hit.stale:
        fields["stale"] = True
    return fields if options.explain else {k: v for k, v in fields.items() if k != "why"} | {"why": None}
