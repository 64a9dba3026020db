"""Which queries are titles of commits or issues."""

import pytest

from cognate.history.question import is_title


@pytest.mark.parametrize(
    "query",
    ["fix: retry when overloaded", "feat(cli)!: say why it failed", "parser: retry later (#12)", "Retry on 503 (#123)",
     "render(html): escape the quotes"],
)  # fmt: skip
def test_a_prefix_or_an_issues_number_makes_a_title(query: str) -> None:
    assert is_title(query)


@pytest.mark.parametrize(
    "query",
    ["retry when overloaded", "#123", "fix the retry", "std::vector push back twice", "lang:go where are retries",
     "path:src/ parse a header", "fix: first line here\nsecond line"],
)  # fmt: skip
def test_other_queries_are_none(query: str) -> None:
    assert not is_title(query)
