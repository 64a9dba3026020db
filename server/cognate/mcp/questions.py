"""The three questions that agents ask: arguments in, text and data out. Knows no protocol; blocks; any thread.

Reads the folder's files for signatures and line counts, never for answers: these are the engine's.
"""

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.commits import Commit
from cognate.errors import CognateError, InvalidRequestError, StoreError, WorkspaceError
from cognate.face import EngineFace
from cognate.mcp.explain import Place, is_test, place_text, tests_among
from cognate.mcp.format import Reply, blocks_of, fitted, index_data, index_note
from cognate.search.phrasings import MOST_WORDINGS
from cognate.search.request import HistoryRequest, RelatedRequest, SearchRequest
from cognate.types import Answer, Hit, Scope, Span, State

log = logging.getLogger(__name__)

USUAL_HITS = 8
MOST_HITS = 50
USUAL_TOKENS = 1500
FEWEST_TOKENS = 200
MOST_TOKENS = 20_000
MOST_FILE_BYTES = 4_000_000  # A longer file is not read for its signatures.
MOST_USERS = 6  # Places that explain_place lists for who uses a definition, and for its tests.
MOST_COMMITS = 3  # That explain_place lists.
MOST_LIKE = 3  # Files that a message about an unknown file names.


class Questions:
    """Answers for one folder."""

    def __init__(self, face: EngineFace) -> None:
        self._face = face

    # -- the tools

    def search_code(
        self,
        cancel: CancelToken,
        *,
        query: str,
        also: Sequence[str] = (),
        paths: Sequence[str] = (),
        languages: Sequence[str] = (),
        limit: int = USUAL_HITS,
        max_tokens: int = USUAL_TOKENS,
    ) -> Reply:
        """Find code by what it does.

        Raises:
            CognateError: with a sentence that says what is wrong with the arguments.
        """
        if not query.strip():
            raise InvalidRequestError("query is empty: say what the code does, in words or as a name.")
        wordings = tuple(text for text in also if text.strip() and text != query)[:MOST_WORDINGS]
        scope = self._scope(paths, languages)
        limit, max_tokens = _limit(limit), _tokens(max_tokens)
        answer = self._face.search(SearchRequest(query, limit, scope, also=wordings), cancel)
        hint = (
            "Nothing close was found. Give other wordings and likely identifiers in also, "
            "or grep if you know an exact string."
        )
        return self._answered(answer, max_tokens, hint, query)

    def related_code(
        self, cancel: CancelToken, *, file: str, line: int, kind: str, limit: int, max_tokens: int
    ) -> Reply:
        """Find code that belongs to what is at a line.

        Raises:
            CognateError: with a sentence that says what is wrong with the arguments.
        """
        limit, max_tokens = _limit(limit), _tokens(max_tokens)
        path = self._file(file)
        self._check_line(path, line)
        answer = self._face.related(RelatedRequest(Span(path, line - 1, line), limit, kind=kind), cancel)
        if not answer.hits:
            self._require_indexed(path, answer)
        return self._answered(answer, max_tokens, f"Nothing of the kind {kind} was found for {path}:{line}.")

    def explain_place(self, cancel: CancelToken, *, file: str, line: int) -> Reply:
        """Say what is at a line, who uses it, and where it is tested.

        Raises:
            CognateError: with a sentence that says what is wrong with the arguments.
        """
        path = self._file(file)
        lines = self._check_line(path, line)
        symbols = self._face.symbols_in(path)
        info = self._face.status().index
        if not symbols and path not in self._face.paths():
            self._require_indexed(path, Answer((), info))
        around = sorted(
            (s for s in symbols if s.start_line - s.attached_lines < line <= s.end_line),
            key=lambda s: (s.start_line, -s.end_line),
        )
        symbol = around[-1] if around else None
        referrers = self._face.referrers(path)
        tests = tests_among(self._face.paths(), path, referrers)
        others = [other for other in referrers if other not in tests]
        users: Sequence[Hit] = ()
        in_tests: Sequence[Hit] = ()
        if symbol is not None:
            span = Span(path, line - 1, line)
            callers = self._face.related(RelatedRequest(span, MOST_HITS, kind="callers"), cancel).hits
            users = [hit for hit in callers if not is_test(hit.path)][:MOST_USERS]
            in_tests = self._face.related(RelatedRequest(span, MOST_USERS, kind="tests"), cancel).hits
        commits = self._commits(Span(path, line - 1, line), cancel)
        place = Place(path, line, lines, around, symbols, others, users, tests, in_tests, commits)
        return place_text(place, self._lines, info)

    def _commits(self, span: Span, cancel: CancelToken) -> list[Commit]:
        """Return the last commits that made a place what it is; none where its history is not known."""
        try:
            found = self._face.history(HistoryRequest(span=span, limit=MOST_COMMITS), cancel)
        except StoreError as error:
            log.warning("%s", error)
            return []
        return [hit.commit for hit in found.commits]

    # -- parts of answers

    def _answered(self, answer: Answer, max_tokens: int, hint: str, query: str = "") -> Reply:
        notes = [note for note in (index_note(answer.index),) if note]
        data: dict[str, object] = {"results": [], "index": index_data(answer.index)}
        if answer.advice.message:
            notes.append(answer.advice.message)
            data["message"] = answer.advice.message
            if answer.advice.suggestions:
                notes.append(f"Try: {' | '.join(answer.advice.suggestions)}")
                data["suggestions"] = list(answer.advice.suggestions)
        if not answer.hits:
            if answer.index.state in {State.EMPTY, State.INDEXING, State.ERROR} and not answer.index.chunks:
                notes = [self.not_ready()]
            elif not answer.advice.message:
                notes.append(hint)
                data["message"] = hint
            return Reply("\n".join(notes), data)
        text, shown = fitted(blocks_of(answer.hits, self._lines, query), max_tokens, notes)
        data["results"] = [block.data for block in shown]
        data["left_out"] = len(answer.hits) - len(shown)
        return Reply(text, data)

    def not_ready(self) -> str:
        """Return the sentence that stands for an answer while there is no index to ask."""
        status = self._face.status()
        files = f", {status.files:,} files read" if status.files else ""
        trouble = f" {status.message}" if status.message else ""
        return (
            f"The index of {self._face.folder.name} is not ready yet ({status.index.summary}{files}). "
            f"Ask again in a few seconds, and use grep meanwhile.{trouble}"
        )

    def late(self) -> Reply:
        """Return the answer to a question that took too long: how far the index is."""
        info = self._face.status().index
        return Reply(self.not_ready(), {"results": [], "index": index_data(info)})

    def _scope(self, paths: Sequence[str], languages: Sequence[str]) -> Scope:
        inside: list[str] = []
        for given in paths:
            pattern = given.strip()
            if Path(pattern).is_absolute():
                try:
                    pattern = Path(pattern).relative_to(self._face.folder).as_posix()
                except ValueError:
                    raise WorkspaceError(self._outside(pattern)) from None
            if ".." in Path(pattern).parts:
                raise WorkspaceError(self._outside(pattern))
            if pattern in {"", "."}:
                continue
            inside.append(pattern)
        return Scope(include=tuple(inside), languages=frozenset(text.strip() for text in languages if text.strip()))

    def _outside(self, path: str) -> str:
        return (
            f"{path} is outside of {self._face.folder}, the only folder that can be searched; "
            "give a path relative to it, as search_code returns them."
        )

    def _file(self, file: str) -> str:
        """Return the path of a file as the engine names it."""
        if not file.strip():
            raise InvalidRequestError("file is empty: give a path as search_code returns it.")
        folder = self._face.folder
        try:
            asked = folder / file.strip()
            resolved = asked.parent.resolve() / asked.name
            if not resolved.is_relative_to(folder) or asked.name == "..":
                raise WorkspaceError(self._outside(file))
            path = resolved.relative_to(folder).as_posix()
            exists = resolved.is_file()
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{file} cannot be a file's path: {error}.") from error
        if not exists and path not in self._face.paths():
            raise WorkspaceError(f"There is no file {path}{self._like(path)}; paths are relative to {folder}.")
        return path

    def _like(self, path: str) -> str:
        name = path.rpartition("/")[2]
        like = sorted(other for other in self._face.paths() if other.rpartition("/")[2] == name)[:MOST_LIKE]
        return f", but {' and '.join(like)}" if like else ""

    def _check_line(self, path: str, line: int) -> Sequence[str]:
        """Return the lines of a file that has the line."""
        if path.endswith(".ipynb"):
            raise InvalidRequestError(f"{path} is a notebook, whose lines count in each cell; use search_code for it.")
        lines = self._lines(path)
        if line < 1 or (lines and line > len(lines)):
            has = f"{path} has lines 1 to {len(lines)}" if lines else "lines count from 1"
            raise InvalidRequestError(f"There is no line {line}: {has}.")
        return lines

    def _require_indexed(self, path: str, answer: Answer) -> None:
        if answer.index.state in {State.EMPTY, State.INDEXING}:
            raise WorkspaceError(self.not_ready())
        known = self._face.explain(path)
        if not known.indexed:
            raise WorkspaceError(f"{path} is not in the index: {known.rule}")

    def _lines(self, path: str) -> Sequence[str]:
        try:
            target = (self._face.folder / path).resolve()
            if not target.is_relative_to(self._face.folder):  # A link that leads out of the folder.
                return ()
            info = target.stat()
            return _lines_of(target, info.st_mtime_ns, info.st_size)
        except OSError:
            return ()


@lru_cache(maxsize=64)
def _lines_of(path: Path, _mtime_ns: int, size: int) -> Sequence[str]:
    if size > MOST_FILE_BYTES:
        return ()
    return path.read_bytes().decode("utf-8", "replace").splitlines()


def _limit(limit: int) -> int:
    if limit < 1:
        raise InvalidRequestError(f"limit must be at least 1, not {limit}.")
    return min(limit, MOST_HITS)


def _tokens(max_tokens: int) -> int:
    if max_tokens < FEWEST_TOKENS:
        raise InvalidRequestError(f"max_tokens must be at least {FEWEST_TOKENS}, not {max_tokens}.")
    return min(max_tokens, MOST_TOKENS)


def answered(ask: Callable[[], Reply]) -> Reply:
    """Return a question's answer, a sentence where it cannot be answered as it was asked."""
    try:
        return ask()
    except CognateError as error:
        return Reply(str(error), is_error=True)
