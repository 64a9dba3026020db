"""What can be asked of an engine."""

from dataclasses import dataclass

from cognate.types import EVERYTHING, Scope, Span

SIMILAR = "similar"
TESTS = "tests"
CALLERS = "callers"
CALLEES = "callees"
SIBLINGS = "siblings"
DOCS = "docs"
CHANGED_WITH = "changed-with"

KINDS = (SIMILAR, TESTS, CALLERS, CALLEES, SIBLINGS, DOCS, CHANGED_WITH)
"""What code can be to other code, as it is asked for."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search by meaning.

    Attributes:
        query: as typed; may carry filters.
        limit: how many hits at most.
        scope: limits besides those in the query.
        near: where the user is, if known.
        recent: files that were edited lately, relative to the workspace folder.
        explain: whether hits say why.
        also: other wordings of the same question.
    """

    query: str
    limit: int = 20
    scope: Scope = EVERYTHING
    near: Span | None = None
    recent: tuple[str, ...] = ()
    explain: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelatedRequest:
    """A search for code that is related to that in a span of lines; the span itself is left out.

    Attributes:
        span: the lines that are asked about.
        limit: how many hits at most.
        scope: limits where to look.
        explain: whether hits say why.
        min_score: hits below this score are left out.
        kind: how it is related, one of KINDS.
    """

    span: Span
    limit: int = 20
    scope: Scope = EVERYTHING
    explain: bool = False
    min_score: float = 0.0
    kind: str = SIMILAR


@dataclass(frozen=True, slots=True)
class DuplicatesRequest:
    """A search for definitions that do the same.

    Attributes:
        limit: how many clusters at most.
        scope: limits which definitions are compared.
        with_tests: whether those of tests are compared, too.
    """

    limit: int = 20
    scope: Scope = EVERYTHING
    with_tests: bool = False


@dataclass(frozen=True, slots=True)
class TwinsRequest:
    """A search for what does the same as the definitions of one file.

    Attributes:
        path: of the file.
        line: where the one definition begins that is asked about; None for all of them.
        text: of the file, as an editor shows it; a definition that is not there as the index has it is left out.
        known: definitions whose text stands in this are not asked about.
    """

    path: str
    line: int | None = None
    text: str | None = None
    known: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """A question to the history: by words and meaning, or of a place.

    Attributes:
        query: what a commit did, in any words; a pasted title or a diff finds commits like it. Empty where a place is
            asked about.
        span: lines whose commits are wanted; a run within one line stands for the definition around it.
        since: only commits of this time or later, in seconds since the epoch.
        paths: only commits that changed a file like one of these: gitignore-style globs or folder prefixes.
        limit: how many commits at most.
        near: files that are open; those that usually change with them are part of the answer.
    """

    query: str = ""
    span: Span | None = None
    since: int | None = None
    paths: tuple[str, ...] = ()
    limit: int = 20
    near: tuple[str, ...] = ()
