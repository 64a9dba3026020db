"""Puts pairs of definitions together into clusters in which every one is like every other. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MOST_CHECKED = 400
"""Pairs that are looked at before two clusters are joined; larger ones stay apart."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together, in order, and the likeness of the two that are least alike."""

    rows: tuple[int, ...]
    likeness: float


def groups_of(
    pairs: Mapping[tuple[int, int], float], compare: Callable[[int, int], float], threshold: float
) -> list[Group]:
    """Join what is most alike first, as long as all members of a group are alike (complete linkage).

    Args:
        pairs: likeness of pairs of rows, the lower row first.
        compare: returns the likeness of a pair that is not among them.
        threshold: the least likeness of two members of a group.
    """
    known = dict(pairs)
    members: dict[int, Group] = {}

    def look(one: int, other: int) -> float:
        pair = (one, other) if one < other else (other, one)
        if pair not in known:
            known[pair] = compare(*pair)
        return known[pair]

    for (one, other), value in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if value < threshold:
            break
        mine, theirs = members.get(one, Group((one,), 1.0)), members.get(other, Group((other,), 1.0))
        if mine.rows == theirs.rows or len(mine.rows) * len(theirs.rows) > MOST_CHECKED:
            continue
        least = _least(mine.rows, theirs.rows, look, threshold)
        if least >= threshold:
            joined = Group(tuple(sorted(mine.rows + theirs.rows)), min(mine.likeness, theirs.likeness, least))
            members.update(dict.fromkeys(joined.rows, joined))
    return sorted(set(members.values()), key=lambda group: group.rows)


def _least(some: Sequence[int], others: Sequence[int], look: Callable[[int, int], float], threshold: float) -> float:
    """Return the least likeness of two groups' members; where one is below the threshold, it will do."""
    least = 1.0
    for one in some:
        for other in others:
            least = min(least, look(one, other))
            if least < threshold:
                return least
    return least
