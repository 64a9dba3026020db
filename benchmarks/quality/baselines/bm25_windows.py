"""Plain BM25 over windows of 40 lines; words as they stand, lower-cased, stop words dropped from the query.

Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with k1 1.2 and b 0.75.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from baselines.common import Answers, Result, best_line, plain_words, query_words, text_files, timed

WINDOW_LINES = 40
K1, B = 1.2, 0.75


def answers(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return the windows with the highest scores."""
    return timed(lambda: _index(folder, limit), queries)


def _index(folder: Path, limit: int) -> Callable[[str], list[Result]]:
    windows: list[tuple[str, int, list[str]]] = []
    postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    lengths: list[int] = []
    for path, lines in text_files(folder):
        for start in range(0, len(lines), WINDOW_LINES):
            window = lines[start : start + WINDOW_LINES]
            counted = Counter(plain_words("\n".join(window)))
            if not counted:
                continue
            for word, count in counted.items():
                postings[word].append((len(windows), count))
            windows.append((path, start, window))
            lengths.append(counted.total())
    mean = sum(lengths) / max(1, len(lengths))

    def search(query: str) -> list[Result]:
        words = query_words(query)
        scores: defaultdict[int, float] = defaultdict(float)
        for word in words:
            having = postings.get(word, [])
            idf = math.log(1 + (len(windows) - len(having) + 0.5) / (len(having) + 0.5))
            for number, count in having:
                scores[number] += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[number] / mean))
        return [_result(windows[number], words) for number in sorted(scores, key=lambda n: (-scores[n], n))[:limit]]

    return search


def _result(window: tuple[str, int, list[str]], words: Sequence[str]) -> Result:
    path, start, lines = window
    focus = start + best_line(lines, words) + 1
    return {"path": path, "start_line": start + 1, "end_line": start + len(lines), "focus_line": focus}
