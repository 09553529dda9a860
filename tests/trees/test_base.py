"""What estimators over trees share."""

import numpy as np
import pytest

from dlkit.exceptions import IgnoredParameterWarning
from dlkit.trees import Tree, TreeFeatures


def test_parameters_that_mean_nothing_are_announced():
    with pytest.warns(IgnoredParameterWarning, match="n_links=3"):
        TreeFeatures(20, topology="ring", n_links=3).fit([Tree([1.0], [-1])])


def test_trees_are_told_as_they_are_read_or_grown():
    given = [Tree(["a", "b"], [-1, 0]), Tree(["b"], [-1])]
    model = TreeFeatures(20, random_state=0).fit(given)
    for one, other in zip(model.trees(given), given, strict=True):
        assert (one.labels, one.parents.tolist()) == (other.labels, other.parents)
    grown = TreeFeatures(20, structure="balanced", random_state=0).fit(["abc", "ab"]).trees(["cab"])
    assert grown[0].labels == ["c", "a", None, "b", None]
    assert grown[0].parents.tolist() == [2, 2, 4, 4, -1]


def test_trees_without_any_label():
    X = [Tree([None] * n, [-1] + [0] * (n - 1)) for n in (1, 3)]
    rows = TreeFeatures(20, random_state=0).fit_transform(X)
    assert np.abs(rows[0] - rows[1]).max() > 0.01
