"""Pairs into lists: a query, the passage that answers it, and passages that are hard to tell from it. Pure.

Where the words are deleted that a query shares with its passage, they go from the whole list. Deleted from the right
passage alone, they would teach that what has the query's words is wrong.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from batches import DELETED, Row, without_shared, wrongly_wrong

from cognate.embedding.text import question_text

FROM_SEARCH = 0.5
"""Share of the wrong passages that lexical search finds for the query, at most."""

FROM_FILE = 0.25
"""Share that stand in the same file, at most. The rest are drawn from the same language."""

DRAWS = 20
"""How often others are drawn for one place until one is found that does not answer as well."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What one step reads of a pair: a query and passages, the first of which answers it."""

    query: str
    passages: list[str]


class Lister:
    """Makes lists of a fixed size.

    Args:
        rows: the pairs.
        neighbours: by row, the rows that lexical search finds for its query.
        size: passages of a list.
    """

    def __init__(self, rows: Sequence[Row], neighbours: Sequence[Sequence[int]], size: int) -> None:
        self._rows, self._neighbours, self._size = rows, neighbours, size
        self._by_file: dict[tuple[str, str], list[int]] = {}
        self._by_language: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            self._by_file.setdefault((row["package"], row["path"]), []).append(number)
            self._by_language.setdefault(row["language"], []).append(number)

    def members(self, number: int, generator: random.Random, *, easy: bool = False) -> list[int]:
        """Return the rows whose passages make the list of a row, itself first, all others wrong for its query.

        Args:
            number: the row.
            generator: decides who comes.
            easy: whether the others are any of the same language.
        """
        row, wrong = self._rows[number], self._size - 1
        found = [number]
        if not easy:
            self._add(found, self._neighbours[number], round(wrong * FROM_SEARCH), generator)
            self._add(found, self._by_file[row["package"], row["path"]], round(wrong * FROM_FILE), generator)
        others = self._by_language[row["language"]]
        self._add(found, generator.choices(others, k=DRAWS * wrong), self._size - len(found), generator)
        return found

    def _add(self, found: list[int], candidates: Sequence[int], limit: int, generator: random.Random) -> None:
        """Add up to ``limit`` candidates, drawn by chance, that are not there and do not answer as well."""
        added = 0
        for candidate in generator.sample(candidates, len(candidates)):
            if added == limit:
                return
            if candidate not in found and not wrongly_wrong([self._rows[found[0]], self._rows[candidate]]):
                found.append(candidate)
                added += 1

    def listed(self, number: int, generator: random.Random, *, easy: bool = False) -> Listed:
        """Return the list of a row, half of the time without the words that query and passages share unless easy."""
        query = self._rows[number]["query"]
        passages = [self._rows[member]["passage"] for member in self.members(number, generator, easy=easy)]
        if not easy and generator.random() < DELETED:
            rest = [without_shared(passage, query) for passage in passages]
            passages = rest if rest[0] else passages
        return Listed(question_text(query), passages)

    def steps(self, batch: int, easy: int = 0) -> Iterator[list[Listed]]:
        """Yield, without end, the full lists of so many rows; every row once before any comes again.

        Args:
            batch: rows a step.
            easy: rows at the beginning whose lists are easy.
        """
        epoch = 0
        while True:
            generator = random.Random(epoch)
            order = generator.sample(range(len(self._rows)), len(self._rows))
            for start in range(0, len(order) - batch + 1, batch):
                is_easy = epoch == 0 and start < easy
                lists = [self.listed(number, generator, easy=is_easy) for number in order[start : start + batch]]
                yield [one for one in lists if len(one.passages) == self._size]
            epoch += 1
