"""From labels to what enters the units."""

import numpy as np
import pytest

from dlkit.trees import Tree, TreeFeatures, TreeStates
from dlkit.trees._labels import Vocabulary


def test_symbols_are_columns_of_the_input_weights():
    tree = Tree(["b", "a", None], [-1, 0, 0])
    states = TreeStates(20, direction="up", leak_rate=0.7, random_state=0).fit([tree])
    drawn = states.reservoir_
    found = states.transform([tree])[0]
    np.testing.assert_allclose(found[1], 0.7 * np.tanh(drawn.w_in[:, 0] + drawn.bias), atol=1e-12)
    np.testing.assert_allclose(found[2], 0.7 * np.tanh(drawn.bias), atol=1e-12)


def test_unknown_symbols_are_named_or_no_label():
    fitted = TreeStates(20, direction="up", random_state=0).fit([Tree(["a"], [-1])])
    with pytest.raises(ValueError, match=r"not seen: \['z'\].*unknown='ignore'"):
        fitted.transform([Tree(["z"], [-1])])
    fitted = fitted.set_params(unknown="ignore").fit([Tree(["a"], [-1])])
    new, none = fitted.transform([Tree(["z"], [-1]), Tree([None], [-1])])
    np.testing.assert_array_equal(new, none)


def test_labels_of_another_kind_are_named():
    fitted = TreeFeatures(20, random_state=0).fit([Tree(["a"], [-1])])
    with pytest.raises(ValueError, match="labels that are numbers, but fit saw symbols"):
        fitted.transform([Tree([1.0], [-1])])
    fitted = TreeFeatures(20, random_state=0).fit([Tree([1.0], [-1])])
    with pytest.raises(ValueError, match="2 numbers a node, but fit saw 1"):
        fitted.transform([Tree([[1.0, 2.0]], [-1])])


def test_a_vocabulary_is_sorted():
    found = Vocabulary.of(["b", None, "a", "b"], "error")
    assert found.symbols.tolist() == ["a", "b"]
    assert found.numbers(["b", None, "a"]).tolist() == [1, 2, 0]
