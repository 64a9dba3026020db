"""Makes questions with known answers out of a repository's past: a commit's subject, and what the commit changed.

The questions are asked of an earlier state of the repository, and so is what they are held against: the files that the
commit changed, and the chunks that held the lines it replaced, both as they were in that state. A subject counts when

* the commit is no merge and not made by a program, and changed one to five files of code (tests count among these),
  of which one is no test, example or documentation and was there in that state;
* at least four words are left of it without issue numbers, links, names of files, credits, and what is in front of a
  colon (``fix:``, ``feat(scope):``, ``input.c:``), it has no word that tells of routine (``NOISE``), and no earlier one
  is equal.

The first that follow the state are asked, oldest first. The state is one of the main line, as near to the newest commit
as leaves room for a few more than are asked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commits import Commit, Hunk, Repository

from cognate.languages.registry import language_of
from cognate.types import Chunk
from cognate.words import STOP_WORDS, stem, words
from cognate.workspace.path_facts import path_facts

N_QUESTIONS = 200
SPARE = 30  # More than are asked, as some turn out to be about files that are not there yet.
MOST_FILES = 5
LEAST_WORDS = 4
LEAST_LETTERS = 3  # Of a word that says something.
NOISE = frozenset(
    {
        "bump", "bumped", "bumps", "changelog", "copyright", "dependencies", "dependency", "docs", "formatting", "lint",
        "linter", "linting", "merge", "readme", "refactoring", "reformat", "release", "released", "releases", "typo",
        "typos", "version", "whitespace",
    }
)  # fmt: skip
"""Words of subjects that nobody would ask about."""

NO_CODE = frozenset(
    {
        "asciidoc", "bibtex", "gherkin", "gitattributes", "gitignore", "gomod", "gosum", "markdown", "mdx", "mermaid",
        "notebook", "org", "po", "requirements", "rmarkdown", "text", "typst", "xml",
    }
)  # fmt: skip
"""Languages of data, markup and prose, beside those that a path tells of, see ``path_facts``."""

_BOT = re.compile(r"(?i)\[bot\]|\bbot$|^(dependabot|renovate|github-actions|greenkeeper)")
_PREFIX = re.compile(r"^\s*(?:revert:?\s+)?(?:[\w./+-]+(?:\([^()]*\))?!?|\[[^\]]*\])\s*:\s+|^\s*\[[^\]]*\]\s*")
_LINK = re.compile(r"\w+://\S+")
_ISSUE = re.compile(
    r"\(?(?:\b(?:GH|GitHub|issues?|fix(?:es)?|closes?|PR|refs?|see)\b[ -]*)*#\d+(?:[/,]\s*#\d+)*\)?|"
    r"\bGitHub issue \d+|\[(?:ci skip|skip ci)\]"
)
_CREDIT = re.compile(
    r"[,.;]?\s*(?:\b(?:[Mm]ostly|[Oo]riginally|[Rr]eported|suggested|requested|prompted|pointed out|based on|spotted|"
    r"problem|fix|diff|with|and|also)\s+)*\b(?:[Ff]rom|[Bb]y)\s+[A-Z][\w.-]*(?:\s+[A-Z][\w.-]*)*(?:\s+in\b)?[\s.,]*$"
)
_FILE = re.compile(r"[`'\"]?((?:[\w.@-]+/)*[\w@-][\w.@-]*\.[a-z]+)\b[`'\"]?(?![(.\w])")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """A subject as a question.

    Attributes:
        commit: the commit's id.
        query: what is asked.
        files: those that the commit changed, code that is no test or example, as they are called in the state.
        asides: tests, examples and scripts of the docs that it changed as well.
        spans: the chunks that held what it replaced: path and lines, 1-based and inclusive. May be empty.
        shares_a_word: whether a word of the query stands in one of these chunks (in the files, where there is none) or
            in a path.
    """

    commit: str
    query: str
    files: tuple[str, ...]
    asides: tuple[str, ...]
    spans: tuple[tuple[str, int, int], ...]
    shares_a_word: bool


def given(row: Mapping[str, Any]) -> Question:
    """Return a question out of a file of them."""
    spans = tuple((place["path"], place["start_line"], place["end_line"]) for place in row["relevant"])
    return Question(
        row["commit"], row["query"], tuple(row["files"]), tuple(row["test_files"]), spans, not row["paraphrase"]
    )


def is_code(path: str) -> bool:
    """Return whether a file holds code, by its name; data, markup and prose are none."""
    language = language_of(path)
    return language is not None and language not in NO_CODE and not path_facts(path).kinds & {"docs", "configuration"}


def is_aside(path: str) -> bool:
    """Return whether a file is a test, an example, documentation, or no code."""
    return not is_code(path) or bool(path_facts(path).kinds & {"test", "example"})


def question_in(subject: str) -> str | None:
    """Return what a subject asks, None where it says too little."""
    text = _ISSUE.sub(" ", _LINK.sub(" ", subject))
    text = _CREDIT.sub("", text.strip())
    text = _FILE.sub(_unless_file, _PREFIX.sub("", text, count=1)).replace("`", "").replace("()", "")
    text = " ".join(text.split()).strip(" .,;:-")
    found = _WORD.findall(text)
    if len(found) < LEAST_WORDS or not NOISE.isdisjoint(word.lower() for word in found):
        return None
    return text


def _unless_file(name: re.Match[str]) -> str:
    return name[0] if language_of(name[1]) is None else " "


def qualifying(commits: Iterable[Commit], folders: Sequence[str] = ()) -> Iterator[tuple[Commit, str]]:
    """Yield the commits whose subjects are questions, with these, in their order; equal subjects are not told apart."""
    for commit in commits:
        query = None if _BOT.search(commit.author) else question_in(commit.subject)
        code = [path for path in commit.old_paths if is_code(path)]
        wanted = [path for path in code if not is_aside(path) and _lies_in(path, folders)]
        if query is not None and wanted and len(code) <= MOST_FILES:
            yield commit, query


def choose_state(repository: Repository, newest: str, n_questions: int = N_QUESTIONS) -> str:
    """Return the state of the main line that is just older than enough questions, the newest ones."""
    found: set[str] = set()
    date = 0
    for commit, query in qualifying(repository.log(newest)):
        found.add(query.lower())
        date = commit.date
        if len(found) == n_questions + SPARE:
            break
    before = repository.call("rev-list", "--first-parent", "--max-count=1", f"--before={date - 1}", newest, "--")
    if not before:
        raise SystemExit(f"{repository.path} has no state before its questions; it has {len(found)}.")
    return before.decode().strip()


def questions(
    repository: Repository,
    state: str,
    newest: str,
    chunks: Mapping[str, Sequence[Chunk]],
    n_questions: int = N_QUESTIONS,
) -> list[Question]:
    """Return the first questions that follow a state, oldest first.

    Args:
        repository: where they come from.
        state: what is asked, a commit.
        newest: the last commit that may be a question.
        chunks: the state's files that can be found, each with its chunks.
        n_questions: how many at most.
    """
    found: dict[str, Question] = {}
    later = reversed(list(qualifying(repository.log(newest, f"^{state}"))))
    for commit, query in later:
        there = [path for path in commit.old_paths if path in chunks and language_of(path) not in NO_CODE]
        files = [path for path in there if not is_aside(path)]
        if not files or query.lower() in found:
            continue
        spans = _touched(repository, state, commit, {path: chunks[path] for path in files})
        read = [text for _, text in spans] or [chunk.text for path in files for chunk in chunks[path]]
        shared = stems_of(query) & set().union(*map(stems_of, [*read, *files]))
        asides = tuple(path for path in there if path not in files and not path_facts(path).kinds & {"configuration"})
        places = tuple(span for span, _ in spans)
        found[query.lower()] = Question(commit.id, query, tuple(files), asides, places, bool(shared))
        if len(found) == n_questions:
            break
    return list(found.values())


def stems_of(text: str) -> set[str]:
    """Return the stems of a text's words that say something."""
    return {stem(word) for word in words(text) if len(word) >= LEAST_LETTERS and word not in STOP_WORDS}


def _touched(
    repository: Repository, state: str, commit: Commit, chunks: Mapping[str, Sequence[Chunk]]
) -> list[tuple[tuple[str, int, int], str]]:
    """Return the chunks of a state that hold lines which a later commit replaced, or after which it added some."""
    since = repository.differences(state, commit.parent, list(chunks))
    found: list[tuple[tuple[str, int, int], str]] = []
    for path, of_file in chunks.items():
        hunks = [hunk for change in commit.changes if change.old == path for hunk in change.hunks]
        lines = set(standing(hunks, since.get(path, [])))
        found += [
            ((path, chunk.start_line + 1, chunk.end_line), chunk.text)
            for chunk in of_file
            if not lines.isdisjoint(range(chunk.start_line + 1, chunk.end_line + 1))
        ]
    return found


def standing(hunks: Iterable[Hunk], since: Sequence[Hunk]) -> Iterator[int]:
    """Yield the lines that hunks replaced as they stood in an older state.

    A line that is newer gives the one in whose place it came; one that came in no line's place gives none.

    Args:
        hunks: what was replaced.
        since: the hunks between the older state and the one before the replacement.
    """
    for hunk in hunks:
        first = max(1, hunk.old_start)
        for line in range(first, first + max(1, hunk.old_lines)):
            older = _older_line(line, since)
            if older is not None:
                yield older


def _older_line(line: int, since: Sequence[Hunk]) -> int | None:
    moved = 0
    for hunk in since:
        begin = hunk.new_start + (hunk.new_lines == 0)  # What was removed stood behind the line that is named.
        if line < begin:
            break
        if line < begin + hunk.new_lines:
            return hunk.old_start + min(line - begin, hunk.old_lines - 1) if hunk.old_lines else None
        moved += hunk.old_lines - hunk.new_lines
    return line + moved


def _lies_in(path: str, folders: Sequence[str]) -> bool:
    return not folders or path.startswith(tuple(f"{folder}/" for folder in folders))
