"""What each command does but those that only ask: opens an engine, prints what it says. Runs on the main thread."""

import argparse
import shutil
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from cognate.cancellation import INTERRUPT_S
from cognate.cli import output, waiting
from cognate.cli.exit_codes import ERROR, FOUND, NOTHING_FOUND
from cognate.cli.fronts import fronts
from cognate.cli.loading import inside, settings_of
from cognate.engines import Engines
from cognate.errors import WorkspaceError
from cognate.face import EngineFace
from cognate.index.locations import default_cache_dir, store_folder, workspace_folder
from cognate.index.lock import LOCK_FILE, WriterLock
from cognate.process import share_one_heap
from cognate.shared import SharedEngine
from cognate.types import Status


@contextmanager
def open_current(
    options: argparse.Namespace, path: str, *, current: bool = True, watch: bool = False, at_once: bool = False
) -> Generator[SharedEngine]:
    """Open a folder's engine and, unless told otherwise, bring its index up to date with progress on stderr.

    Args:
        options: of the command.
        path: the folder. Another process may have its engine: then that is asked.
        current: whether what is yielded has read and embedded everything; otherwise words alone are waited for.
        watch: whether to follow the folder.
        at_once: whether not to wait at all where another process has the engine.
    """
    settings = settings_of(options)
    if watch:
        share_one_heap()
    else:
        settings = replace(settings, update_delay_ms=0)
    services = getattr(options, "services", None)  # A search loads the model.
    engines = Engines(has_settings=False, services=services, fronts=fronts(stays=watch))
    engine = engines.open(Path(path), settings)
    try:
        bars = waiting.shows_bars(options)
        with output.progress(enabled=bars) as show:
            engine.subscribe(show)
            if watch:
                engine.watch(output.write_note)
            engine.start()
            if current and engine.is_remote:
                engine.reconcile()
            if not (at_once and engine.is_remote):
                waiting.until_current(engine, embedded=current, says=not bars, hint=waiting.hint(options))
        message = engine.status().message
        if message:
            output.write_note(message)
        yield engine
    finally:
        engine.close()
        engines.close()


def index(options: argparse.Namespace) -> int:
    """Bring a folder's index up to date and say what is in it."""
    with open_current(options, options.path, watch=options.watch) as engine:
        status = engine.status()
        output.write_status(status, as_json=options.json)
        if options.watch:
            _follow(options, engine, status)
        return FOUND if status.index.chunks or options.watch else NOTHING_FOUND


def _follow(options: argparse.Namespace, engine: EngineFace, shown: Status) -> None:
    """Say what each change made of the index, until the user interrupts or nobody reads on."""
    ended = threading.Event()
    generations = [shown.index.generation]

    def show(status: Status) -> None:
        """Write a line when a change is complete; on the writer's thread."""
        if status.index.state not in output.CURRENT or status.index.generation == generations[-1]:
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


def status(options: argparse.Namespace) -> int:
    """Show what the index holds, without bringing it up to date first."""
    folder = workspace_folder(Path(options.path))
    index_folder = store_folder(default_cache_dir(), folder)
    if not index_folder.is_dir():
        if options.json:
            output.write_json({"state": "empty", "folder": str(folder), "files": 0, "chunks": 0})
        else:
            output.write_line(f"{folder} is not indexed yet; cognate index {options.path} does it")
        return NOTHING_FOUND
    with open_current(options, options.path, current=False, at_once=True) as engine:
        status = engine.status()
        goes_on_with = "" if engine.is_remote else f"cognate index {options.path}"
        output.write_status(status, as_json=options.json, times=True, goes_on_with=goes_on_with)
        return NOTHING_FOUND if output.nothing_to_index(status.index, folder) else FOUND


def explain(options: argparse.Namespace) -> int:
    """Name the rule that decided about a file."""
    with open_current(options, options.path or ".", current=False, at_once=True) as engine:
        found = engine.explain(inside(engine.folder, options.file, Path.cwd()))
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
    folders = [store_folder(cache, folder)]
    if options.all:
        folders = [*(p for p in (cache / "workspaces").glob("*") if p.is_dir()), cache / "embeddings"]
    removed: list[str] = []
    for index_folder in folders:
        if not index_folder.is_dir():
            continue
        lock = WriterLock(index_folder / LOCK_FILE)
        if not lock.acquire():
            raise WorkspaceError(f"{index_folder} is in use by a running server; stop it first.")
        lock.release()
        shutil.rmtree(index_folder)
        removed.append(str(index_folder))
    if options.json:
        output.write_json({"removed": removed})
    else:
        for line in [f"Removed {folder}" for folder in removed] or ["There was nothing to remove."]:
            output.write_line(line)
    return FOUND if removed else NOTHING_FOUND
