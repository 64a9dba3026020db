"""What can be asked of an engine."""

from dataclasses import dataclass

from cognate.types import EVERYTHING, Scope, Span

SIMILAR = "similar"
TESTS = "tests"
CALLERS = "callers"
CALLEES = "callees"
SIBLINGS = "siblings"
DOCS = "docs"

KINDS = (SIMILAR, TESTS, CALLERS, CALLEES, SIBLINGS, DOCS)
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
