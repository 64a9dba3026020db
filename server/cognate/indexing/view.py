"""What questions see of an engine at one moment. Frozen; replaced whole by the writer."""

from dataclasses import dataclass

from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import IndexSnapshot
from cognate.types import IndexInfo, State


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot, the encoder that goes with its vectors, and how far the index is.

    Attributes:
        index: the snapshot, None before the store is open.
        encoder: None while it loads, or where no model can be used.
        info: what every answer says about the index.
        reranker: the cross-encoder of the second stage, None where there is none.
        from_disk: whether rows of the index are read and checked only when they are needed, see ``index.glance``.
    """

    index: IndexSnapshot | None
    encoder: Encoder | None
    info: IndexInfo
    reranker: PairScorer | None = None
    from_disk: bool = False


NOTHING = View(None, None, IndexInfo(State.EMPTY, 0, 0.0, 0))
"""Before the store is open."""
