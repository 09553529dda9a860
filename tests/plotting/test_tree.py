"""Trees: what is drawn is what the estimator reads or grows."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlkit import ESNClassifier
from dlkit.plotting import TreeDisplay
from dlkit.trees import Tree, TreeFeatures

TREE = Tree(["S", "NP", "VP", "saw", "her"], [-1, 0, 0, 2, 2])


def links(display):
    """Pairs of end points, each link's child and parent."""
    x, y = display.line_.get_data()
    return [((x[i], y[i]), (x[i + 2], y[i + 2])) for i in range(0, len(x), 4)]


def test_links_lead_from_children_to_parents():
    display = TreeDisplay.from_tree(TREE)
    np.testing.assert_array_equal(display.positions_, [[0.75, 2], [0, 0], [1.5, 1], [1, 0], [2, 0]])
    want = {
        (tuple(display.positions_[node]), tuple(display.positions_[above]))
        for node, above in enumerate(TREE.parents)
        if above >= 0
    }
    assert set(links(display)) == want
    assert [text.get_text() for text in display.texts_] == TREE.labels
    assert [text.xy for text in display.texts_] == [tuple(p) for p in display.positions_]


def test_a_grown_tree_is_drawn():
    rng = np.random.RandomState(0)
    X = [rng.randn(n, 2) for n in (6, 9, 5)]
    features = TreeFeatures(20, structure="greedy", random_state=0).fit(X)
    display = TreeDisplay.from_estimator(features, X, number=1, names="abcdefghi", lw=3)
    np.testing.assert_array_equal(display.parents, features.trees(X)[1].parents)
    assert len(links(display)) == 2 * 9 - 2
    assert display.line_.get_linewidth() == 3
    written = sorted(display.texts_, key=lambda text: text.xy[0])
    assert "".join(text.get_text() for text in written) == "abcdefghi"
    assert {text.xy[1] for text in written} == {0.0}
    assert not TreeDisplay.from_estimator(features, X).texts_  # vectors are not written


def test_axes_are_given_or_made(tmp_path):
    figure = Figure()
    ax = figure.subplots()
    display = TreeDisplay.from_tree((["a", "b"], [-1, 0]), ax=ax)
    assert (display.ax_, display.figure_) == (ax, figure)
    assert display.plot().ax_ is not ax
    TreeDisplay.from_tree(Tree([1.5], [-1])).figure_.savefig(tmp_path / "tree.png")
    assert (tmp_path / "tree.png").stat().st_size > 1000


def test_what_cannot_be_drawn_is_named():
    esn = ESNClassifier(5, random_state=0).fit([[1.0, 2.0], [2.0, 3.0]], [0, 1])
    with pytest.raises(TypeError, match="ESNClassifier reads no trees"):
        TreeDisplay.from_estimator(esn, [[1.0, 2.0]])
    features = TreeFeatures(5, random_state=0).fit([TREE])
    with pytest.raises(ValueError, match="number=1 is none of the 1 trees"):
        TreeDisplay.from_estimator(features, [TREE], number=1)
    with pytest.raises(ValueError, match="names has 2 entries; the tree has 3 leaves"):
        TreeDisplay.from_tree(TREE, names=["a", "b"])
    with pytest.raises(ValueError, match="this one has 2"):
        TreeDisplay.from_tree((["a", "b"], [-1, -1]))
    with pytest.raises(ValueError, match="in a cycle"):
        TreeDisplay.from_tree((["a", "b", "c"], [-1, 2, 1]))
