"""The frozen nouns of definitions that do the same, as ``types`` has those of answers."""

from dataclasses import dataclass

from cognate.types import IndexInfo, Symbol


@dataclass(frozen=True, slots=True)
class Member:
    """A definition that does the same as others.

    Attributes:
        path: relative to the workspace folder.
        start_line: its first line, doc comment and decorators not included.
        end_line: one past its last line.
        symbol: what it defines.
        language: in which it is written.
        cell: index of the notebook cell, None outside notebooks.
    """

    path: str
    start_line: int
    end_line: int
    symbol: Symbol
    language: str
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Definitions that do the same.

    Attributes:
        likeness: how likely a person says so of the two that are least alike, 0 to 1.
        members: at least two, by path and line; where one was asked about, it and then its twin.
    """

    likeness: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Clusters, and the state of the index that gave them."""

    clusters: tuple[Cluster, ...]
    index: IndexInfo
