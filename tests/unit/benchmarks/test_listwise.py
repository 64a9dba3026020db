"""The gradient that weights are learned by is that of the loss it is said to be."""

from dataclasses import dataclass

import numpy as np
import pytest
from listwise import Stacked
from numpy.typing import NDArray


@dataclass
class Query:
    features: NDArray[np.float64]
    groups: NDArray[np.int64]
    wanted: NDArray[np.bool_]


def query(seed: int, groups: list[int], wanted: list[bool]) -> Query:
    features = np.random.default_rng(seed).normal(size=(len(groups), 3))
    return Query(features, np.array(groups), np.array(wanted))


def loss(one: Query, weights: NDArray[np.float64]) -> float:
    linear = one.features @ weights
    logits = np.array([linear[one.groups == group].max() for group in range(len(one.wanted))])
    log_share = logits - np.log(np.exp(logits).sum())
    any_right = -np.log(np.exp(log_share[one.wanted]).sum())
    return 0.5 * any_right - 0.5 * log_share[one.wanted].mean()


def test_the_gradient_is_that_of_the_loss_over_all_queries() -> None:
    queries = [query(1, [0, 1, 0, 2, 1], [True, False, True]), query(2, [1, 0, 0], [False, True])]
    weights = np.array([0.3, -0.7, 1.1])
    steps = np.eye(3) * 1e-6
    expected = [sum(loss(q, weights + step) - loss(q, weights - step) for q in queries) / 2e-6 for step in steps]
    assert Stacked(queries).gradient(weights) == pytest.approx(np.array(expected), abs=1e-6)
