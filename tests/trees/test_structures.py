"""Trees over sequences."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.exceptions import ReadingWarning
from dlkit.trees import (
    BPE,
    Balanced,
    Greedy,
    TreeClassifier,
    TreeFeatures,
    TreeRegressor,
    TreeStates,
)
from tests.naive_trees import children_of


def leaves(forest, tree):
    """Labels of the leaves of a tree from left to right, and the number of joins above each."""
    start, stop = forest.offsets[tree], forest.offsets[tree + 1]
    parents = np.where(forest.parents[start:stop] < 0, -1, forest.parents[start:stop] - start)
    below, found = children_of(parents), []

    def visit(i, depth):
        assert len(below[i]) in (0, 2)
        if not below[i]:
            found.append((forest.labels[start + i], depth))
        for child in below[i]:
            visit(child, depth + 1)

    visit(list(parents).index(-1), 0)
    return found


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 99))
def test_leaves_are_the_steps_in_order(sizes, seed):
    rng = np.random.RandomState(seed)
    X = [rng.randn(n, 3) for n in sizes]
    for structure in (Balanced(), Greedy(2)):
        forest = structure.fitted(X).trees(X)
        for i, x in enumerate(X):
            found = leaves(forest, i)
            np.testing.assert_array_equal([label for label, _ in found], x)
            if isinstance(structure, Balanced):
                assert max(depth for _, depth in found) <= np.ceil(np.log2(len(x))) + 1e-9


def test_balanced_trees_halve():
    X = [np.arange(8.0)]
    forest = Balanced().fitted(X).trees(X)
    assert {depth for _, depth in leaves(forest, 0)} == {3}


def test_leaves_of_several_steps():
    X = [np.arange(14.0).reshape(7, 2), np.arange(6.0).reshape(3, 2)]
    forest = Balanced(3).fitted(X).trees(X)
    told = [label.tolist() for label, _ in leaves(forest, 0)]
    assert told == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 0, 0, 0, 0]]
    assert [label.tolist() for label, _ in leaves(forest, 1)] == [[0, 1, 2, 3, 4, 5]]
    one, two = (TreeFeatures(20, structure=Balanced(k), random_state=0) for k in (1, 3))
    assert one.fit(X).n_channels_in_ == two.fit(X).n_channels_in_ == 2
    assert (one.runner_.n_channels, two.runner_.n_channels) == (2, 6)
    assert two.transform(X).shape == (len(X), 60)
    with pytest.raises(ValueError, match="leaf_steps=3 is for sequences of numbers"):
        TreeFeatures(20, structure=Balanced(3)).fit(["abc"])
    with pytest.raises(ValueError, match="leaf_steps"):
        TreeFeatures(20, structure=Balanced(0)).fit(X)


def test_greedy_trees_join_what_is_told_in_the_fewest_numbers():
    rng = np.random.RandomState(0)
    common = rng.randn(2, 4)  # a pair that occurs in every sequence
    X = []
    for _ in range(200):
        at = rng.randint(6)
        x = rng.randn(8, 4)
        x[at : at + 2] = common
        X.append((x, at))
    series = [x for x, _ in X]
    greedy = Greedy(4).fitted(series)
    forest = greedy.trees(series)
    hits = 0
    for i, (_, at) in enumerate(X):
        start = forest.offsets[i]
        parents = forest.parents[start : forest.offsets[i + 1]] - start
        order = [j for j in range(len(parents)) if j not in set(parents)]
        hits += parents[order[at]] == parents[order[at + 1]]
    assert hits > 150


def test_byte_pairs_are_joined_by_frequency():
    words = ["abab", "abc", "xab", "cab", "xyxy"]
    bpe = BPE(1).fitted(words)
    assert bpe.ranks == {("a", "b"): 0}
    forest = bpe.trees(["xab"])
    assert leaves(forest, 0) == [("x", 1), ("a", 2), ("b", 2)]


@pytest.mark.parametrize("structure", ["balanced", "bpe"])
def test_sequences_of_symbols(structure):
    X = ["abcab", "abc", "c"]
    rows = TreeFeatures(20, structure=structure, random_state=0).fit_transform(X)
    assert rows.shape == (3, 60)
    lists = [list(word) for word in X]
    again = TreeFeatures(20, structure=structure, random_state=0).fit_transform(lists)
    np.testing.assert_array_equal(rows, again)


def test_places_are_told_apart_over_sequences():
    X = [np.array([1.0, 2.0]), np.array([2.0, 1.0])]
    rows = TreeFeatures(20, structure="balanced", random_state=0).fit_transform(X)
    assert np.abs(rows[0] - rows[1]).max() > 1e-3


@pytest.mark.parametrize(
    ("X", "message"),
    [("abc", r"use \[X\]"), (["ab", ""], r"X\[1\] is an empty"), ([["a", 1]], "no symbol"),
     ([], "holds no sequence")],
)  # fmt: skip
def test_what_is_no_batch_of_symbols_is_named(X, message):
    with pytest.raises(ValueError, match=message):
        TreeFeatures(20, structure="bpe").fit(X)


TWIN = "a penalty is chosen by leaving rows out, and the twin of a repeated row stays"


@pytest.mark.compiled
@parametrize_with_checks(
    [
        TreeFeatures(10, structure="balanced", random_state=0),
        TreeFeatures(10, structure=Greedy(2), direction="both", random_state=0),
        TreeClassifier(10, structure="balanced", alpha=0.1, random_state=0),
        TreeRegressor(30, structure="balanced", random_state=0),
    ],
    expected_failed_checks=lambda e: (
        {"check_sample_weight_equivalence_on_dense_data": TWIN}
        if getattr(e, "alpha", 1.0) == "auto" else {}
    ),
)  # fmt: skip
def test_scikit_learn_contract_where_rows_are_samples(estimator, check):
    check(estimator)


def test_only_tables_of_sequences_are_tables():
    def tag(estimator):
        return estimator.__sklearn_tags__().input_tags.two_d_array

    for structure in ("balanced", "greedy", Greedy(3)):
        assert tag(TreeFeatures(structure=structure))
    for structure in (None, "bpe", BPE(), "no such"):
        assert not tag(TreeFeatures(structure=structure))
    assert not tag(TreeStates(structure="balanced"))
    assert not tag(TreeClassifier(structure="balanced", target="node"))


def test_series_are_read_as_everywhere():
    rng = np.random.RandomState(0)
    table = rng.standard_normal((5, 30))
    features = TreeFeatures(10, structure="balanced", random_state=0)
    rows = features.fit_transform(table)
    assert (features.n_features_in_, features.n_channels_in_) == (30, 1)
    np.testing.assert_array_equal(features.fit_transform(table[:, :, None]), rows)
    np.testing.assert_array_equal(features.fit_transform(list(table)), rows)
    assert not hasattr(features, "n_features_in_")
    frames = [pd.DataFrame({"u": x, "v": -x}) for x in table]
    features.fit(frames)
    assert features.feature_names_in_.tolist() == ["u", "v"]
    with pytest.raises(ValueError, match="feature names"):
        features.transform([frame[["v", "u"]] for frame in frames])
    with pytest.raises(ValueError, match="3 channels, but TreeFeatures was fitted with 2"):
        features.transform(rng.standard_normal((4, 30, 3)))
    with pytest.warns(ReadingWarning, match="channels first"):
        features.fit(rng.standard_normal((10, 1, 200)))
    with pytest.raises(ValueError, match="labels that are symbols, but fit saw numbers"):
        features.transform(["abc"])
    with pytest.raises(ValueError, match="labels that are numbers, but fit saw symbols"):
        features.fit(["abc", "ab"]).transform(table)


def test_structures_say_what_they_join():
    with pytest.raises(ValueError, match="sequences of symbols.*'greedy' joins numbers: use "):
        TreeFeatures(10, structure="greedy").fit(["abc", "ab"])
    with pytest.raises(ValueError, match="of numbers.*'bpe' joins symbols: use .*'balanced' or"):
        TreeFeatures(10, structure="bpe").fit(np.zeros((3, 10, 2)))
