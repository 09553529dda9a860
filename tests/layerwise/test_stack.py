"""The stack of layers against layers fitted by hand."""

import pickle
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, FastICA, IncrementalPCA, MiniBatchDictionaryLearning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import NVARFeatures, ReservoirStates
from dlkit.conv import ZCAWhitening, pool
from dlkit.layerwise import (
    RBM,
    GreedyLayerwise,
    GroupedMaps,
    MarginalizedDenoisingAutoencoder,
    RandomAutoencoder,
)

from .layers import Witness, maps

DIGITS, LABELS = load_digits(return_X_y=True)


X, Y = DIGITS[:300] / 16, LABELS[:300]


IMAGES = X.reshape(-1, 8, 8)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:kernels='kmeans' gives")  # of columns that are all the same
@parametrize_with_checks(
    [
        GreedyLayerwise([("scale", StandardScaler()), ("pca", PCA(1))]),
        GreedyLayerwise(
            [
                ("mda", MarginalizedDenoisingAutoencoder()),
                ("two", RandomAutoencoder(3, random_state=0)),
            ],
            streaming=True, features="all", block_size=7,
        ),
        GreedyLayerwise([("conv", maps(4, padding="same")), ("pca", PCA(1))]).set_params(
            conv__kernel_size=None
        ),
        GroupedMaps(PCA(1), n_groups=2, group_size=3),
    ]
)  # fmt: skip
def test_scikit_learn(estimator, check):
    check(estimator)


def test_each_layer_is_fitted_on_the_output_before_it():
    layers = [("a", StandardScaler()), ("b", RBM(20, visible="gaussian", random_state=0))]
    layers += [("c", PCA(5, random_state=0))]
    stack = GreedyLayerwise(layers).fit(X, Y)
    by_hand = make_pipeline(*(clone(layer) for _, layer in layers)).fit(X)
    assert_allclose(stack.transform(X), by_hand.transform(X))
    assert [name for name, _ in stack.layers_] == ["a", "b", "c"]
    assert not hasattr(layers[1][1], "machine_")
    every = clone(stack).set_params(features="all").fit(X)
    parts = [by_hand[:i].transform(X) for i in (1, 2, 3)]
    assert_allclose(every.transform(X), np.concatenate(parts, axis=1))
    assert every.get_feature_names_out()[-1] == "greedylayerwise88"


def test_labels_are_never_seen():
    stack = GreedyLayerwise([("a", Witness()), ("b", Witness())]).fit(X, Y)
    assert all(layer.y_ is None for _, layer in stack.layers_)


@pytest.mark.compiled
def test_maps_keep_their_axes():
    stack = GreedyLayerwise([("conv", maps()), ("see", Witness(three_d=True))]).fit(IMAGES)
    expected = maps().fit(IMAGES).transform(IMAGES)
    assert expected.shape == (300, 6, 6, 8)
    assert_allclose(stack.layers_[1][1].seen_[0], expected)
    assert_allclose(stack.transform(IMAGES), pool(expected, "mean", grid=2), rtol=1e-6)
    windows = clone(stack).set_params(window=3, window_stride=1, power=0.5).fit(IMAGES)
    means = pool(expected, "mean", window=3, window_stride=1)
    assert_allclose(windows.transform(IMAGES), np.sign(means) * np.abs(means) ** 0.5, rtol=1e-6)
    assert_allclose(clone(stack).set_params(grid=1).fit_transform(IMAGES), pool(expected))
    rows = clone(stack).set_params(see__three_d=False).fit(IMAGES)
    assert_allclose(rows.layers_[1][1].seen_[0], expected.reshape(300, -1))
    function = clone(stack).set_params(see=FunctionTransformer(lambda Z: Z.max(axis=(1, 2))))
    assert_allclose(function.fit_transform(IMAGES), expected.max(axis=(1, 2)))
    nested = GreedyLayerwise([("stack", stack), ("pca", PCA(2))])
    assert nested.fit_transform(IMAGES).shape == (300, 2)
    inside = clone(stack).set_params(see=make_pipeline(Witness(three_d=True), Witness()))
    assert inside.fit(IMAGES).layers_[1][1][0].seen_[0].shape == (300, 6, 6, 8)


@pytest.mark.compiled
def test_two_convolutional_layers():
    deep = GreedyLayerwise(
        [
            ("one", maps(8, window=2)),
            ("two", GroupedMaps(maps(5), n_groups=3, group_size=4, random_state=0)),
        ],
        features="all", grid=1,
    )  # fmt: skip
    F = deep.fit_transform(IMAGES)
    assert F.shape == (300, 8 + 15)
    one = maps(8, window=2).fit(IMAGES)
    two = GroupedMaps(maps(5), n_groups=3, group_size=4, random_state=0)
    second = two.fit_transform(one.transform(IMAGES))
    assert second.shape == (300, 1, 1, 15)
    assert_allclose(F[:, 8:], second.reshape(300, 15))


@pytest.mark.compiled
def test_samples_of_different_sizes():
    listed = [image[: 6 + i % 3] for i, image in enumerate(IMAGES[:40])]
    layers = [("one", maps(4)), ("two", maps(3, padding="same"))]
    deep = GreedyLayerwise(layers, features="all").fit(listed)
    F = deep.transform(listed)
    assert F.shape == (40, 4 * 7)
    assert_allclose(deep.set_params(block_size=7).transform(listed), F)
    assert "input" not in deep.evaluate_depth(listed, Y[:40], cv=2)
    with pytest.raises(ValueError, match="differ in size"):
        GreedyLayerwise([("one", maps(4)), ("two", PCA(2))]).fit(listed)


def test_subsamples_are_drawn_and_no_more_is_made():
    stack = GreedyLayerwise(
        [("a", Witness()), ("b", Witness())], n_samples=[50, 20], block_size=8, random_state=0
    ).fit(X)
    first, second = (layer for _, layer in stack.layers_)
    assert first.seen_[0].shape == (50, 64)
    assert second.seen_[0].shape == (20, 64)
    assert first.most_ == 8
    rows = {row.tobytes() for row in X}
    assert {row.tobytes() for row in second.seen_[0]} <= rows
    again = clone(stack).fit(X)
    assert_array_equal(again.layers_[1][1].seen_[0], second.seen_[0])
    whole = clone(stack).set_params(n_samples=None).fit(X)
    assert len(whole.layers_[1][1].seen_[0]) == 300


def test_streams_see_every_sample_block_by_block():
    stack = GreedyLayerwise(
        [("a", MarginalizedDenoisingAutoencoder()), ("b", Witness()), ("c", PCA(2))],
        streaming=True, n_passes=2, block_size=64, n_samples=[None, None, 30], random_state=0,
    ).fit(X)  # fmt: skip
    once = MarginalizedDenoisingAutoencoder().fit(np.r_[X, X])
    assert_allclose(stack.layers_[0][1].coef_, once.coef_, atol=1e-9)
    seen = stack.layers_[1][1].seen_
    assert [len(part) for part in seen] == [64, 64, 64, 64, 44] * 2
    assert_allclose(np.concatenate(seen[:5]), once.transform(X), atol=1e-9)
    some = clone(stack).set_params(n_samples=100, n_passes=1).fit(X)
    assert sum(len(part) for part in some.layers_[1][1].seen_) == 100


@pytest.mark.compiled
@pytest.mark.parametrize("streaming", [False, True])
def test_results_do_not_depend_on_blocks(streaming):
    layers = [("a", maps(4)), ("b", RandomAutoencoder(10, random_state=0)), ("c", PCA(3))]
    one = GreedyLayerwise(layers, streaming=streaming).fit(IMAGES)
    two = clone(one).set_params(block_size=37)
    if streaming:
        two.set_params(a=FrozenEstimator(one.layers_[0][1]))  # its patches are drawn by block
    assert_allclose(two.fit(IMAGES).transform(IMAGES), one.transform(IMAGES), atol=1e-5)


def test_inner_parameters_and_grid_search():
    stack = GreedyLayerwise([("a", PCA(10, random_state=0)), ("b", FastICA(5, random_state=0))])
    assert stack.get_params()["a__n_components"] == 10
    assert set(stack.get_params(deep=False)) >= {"layers", "n_samples", "features"}
    stack.set_params(a__n_components=12, b=PCA(3))
    assert stack.layers[0][1].n_components == 12
    assert stack.fit_transform(X).shape == (300, 3)
    search = GridSearchCV(
        make_pipeline(stack, RidgeClassifier()),
        {"greedylayerwise__b__n_components": [2, 8], "greedylayerwise__features": ["last", "all"]},
        cv=3,
    ).fit(X, Y)
    assert search.best_params_.keys() == {
        "greedylayerwise__b__n_components",
        "greedylayerwise__features",
    }
    assert len(set(search.cv_results_["mean_test_score"])) >= 3


@pytest.mark.compiled
@pytest.mark.parametrize("features", ["last", "all"])
def test_a_layer_that_is_passed_through_is_left_out(features):
    whole = GreedyLayerwise([("a", maps(4)), ("b", maps(6)), ("c", PCA(5))], features=features)
    for name in "abc":
        rest = [pair for pair in whole.layers if pair[0] != name]
        want = GreedyLayerwise(rest, features=features).fit_transform(IMAGES)
        got = clone(whole).set_params(**{name: "passthrough"}).fit(IMAGES)
        assert_array_equal(got.transform(IMAGES), want)
        scores = got.evaluate_depth(IMAGES, Y, cv=3, readout=RidgeClassifier())
        assert list(scores) == ["input", *(pair[0] for pair in rest)]
    search = GridSearchCV(
        make_pipeline(whole, RidgeClassifier()),
        {"greedylayerwise__b": [maps(6), "passthrough"]}, cv=3,
    ).fit(IMAGES, Y)  # fmt: skip
    assert len(search.cv_results_["params"]) == 2
    with pytest.raises(ValueError, match="one that is not 'passthrough'"):
        GreedyLayerwise([("a", "passthrough")]).fit(X)


@pytest.mark.parametrize("streaming", [False, True])
def test_sparse_rows(streaming):
    rows = np.maximum(X - 0.3, 0)
    layers = [("a", RBM(8, n_epochs=2, random_state=0)), ("b", PCA(3, random_state=0))]
    stack = GreedyLayerwise(layers, features="all", streaming=streaming)
    want = clone(stack).fit_transform(rows)
    assert_allclose(stack.fit_transform(sparse.csr_array(rows)), want, atol=1e-6)
    assert list(stack.evaluate_depth(sparse.csr_array(rows), Y, cv=3)) == ["input", "a", "b"]


def test_any_transformer_is_a_layer():
    layers = [
        ("dictionary", MiniBatchDictionaryLearning(8, max_iter=2, random_state=0)),
        ("kmeans", MiniBatchKMeans(6, n_init=1, random_state=0)),
        ("pca", IncrementalPCA(3)),
        ("frozen", FrozenEstimator(PCA(2).fit(np.random.RandomState(0).randn(9, 3)))),
    ]
    stack = GreedyLayerwise(layers, features="all").fit(X)
    assert stack.transform(X).shape == (300, 8 + 6 + 3 + 2)


@pytest.mark.compiled
def test_depths_are_scored_as_by_hand():
    stack = GreedyLayerwise([("a", maps(8)), ("b", PCA(20, random_state=0))]).fit(IMAGES)
    cv = StratifiedKFold(3)
    scores = stack.evaluate_depth(IMAGES, Y, cv=cv, readout=LogisticRegression(max_iter=500))
    assert list(scores) == ["input", "a", "b"]
    by_hand = {
        "input": X,
        "a": pool(maps(8).fit_transform(IMAGES), "mean", grid=2),
        "b": stack.transform(IMAGES),
    }
    for name, rows in by_hand.items():
        expected = cross_val_score(LogisticRegression(max_iter=500), rows, Y, cv=cv)
        assert_allclose(scores[name], expected)
    assert min(s.mean() for s in stack.evaluate_depth(IMAGES, Y, cv=3).values()) > 0.8
    shuffled = stack.evaluate_depth(IMAGES, Y, cv=ShuffleSplit(2, test_size=0.3))
    assert shuffled["a"].shape == (2,)
    listed = stack.evaluate_depth(IMAGES, Y, cv=cv.split(X, Y), scoring="neg_log_loss",
                                  readout=LogisticRegression(max_iter=500))  # fmt: skip
    assert (listed["b"] < 0).all()


def test_frames_memory_maps_and_pickles(tmp_path):
    np.save(tmp_path / "x.npy", X.astype(np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    stack = GreedyLayerwise([("a", RBM(9, random_state=0)), ("b", PCA(4, random_state=0))])
    F = stack.fit_transform(mapped)
    assert F.dtype == np.float32
    assert_array_equal(pickle.loads(pickle.dumps(stack)).transform(mapped), F)
    frame = pd.DataFrame(X, columns=[f"p{i}" for i in range(64)])
    stack.set_output(transform="pandas").fit(frame)
    assert stack.n_features_in_ == 64
    assert list(stack.feature_names_in_) == list(frame.columns)
    assert stack.transform(frame).shape == (300, 4)


def test_a_failed_fit_leaves_no_trace():
    stack = GreedyLayerwise([("a", PCA(4)), ("b", PCA(10))])
    with pytest.raises(ValueError, match="n_components"):
        stack.fit(X)
    assert "layers_" not in vars(stack)
    stack.set_params(b__n_components=2).fit(X)
    before = stack.transform(X)
    with pytest.raises(ValueError, match="n_components"):
        stack.set_params(b__n_components=10).fit(X)
    assert_array_equal(stack.transform(X), before)


@pytest.mark.parametrize(
    ("bad", "error", "match"),
    [
        ({"layers": []}, ValueError, "layers"),
        ({"layers": [PCA()]}, ValueError, "layers"),
        ({"layers": [("a", PCA()), ("a", PCA())]}, ValueError, "unique"),
        ({"layers": [("a__b", PCA())]}, ValueError, "__"),
        ({"layers": [("grid", PCA())]}, ValueError, "conflict"),
        ({"layers": [("a", LogisticRegression())]}, TypeError, "transformer"),
        ({"n_samples": 0}, ValueError, "n_samples"),
        ({"n_samples": [5]}, ValueError, "n_samples"),
        ({"n_samples": [5, 0]}, ValueError, "n_samples"),
        ({"features": "first"}, ValueError, "features"),
        ({"block_size": 0}, ValueError, "block_size"),
        ({"n_passes": 0}, ValueError, "n_passes"),
        ({"streaming": 3}, ValueError, "streaming"),
    ],
)
def test_bad_input(bad, error, match):
    stack = GreedyLayerwise([("a", PCA(4)), ("b", PCA(2))]).set_params(**bad)
    with pytest.raises(error, match=match):
        stack.fit(X)


@pytest.mark.compiled
@pytest.mark.parametrize("form", ["numpy", "pandas", "polars"])
@pytest.mark.parametrize(
    "layer",
    [
        ReservoirStates(20, random_state=0),
        NVARFeatures(3, stride=2),
        make_pipeline(StandardScaler(), ReservoirStates(20, random_state=0)),
        FunctionTransformer(lambda Z: np.cumsum(Z, axis=0)),
        FunctionTransformer(lambda Z: np.diff(Z, axis=0, prepend=np.asarray(Z)[:1])),
    ],
    ids=["states", "lags", "pipeline", "sums", "differences"],
)
def test_one_series_is_not_cut_into_blocks(layer, form):
    S = np.random.RandomState(0).randn(500, 2)
    if form != "numpy" and isinstance(layer, ReservoirStates | NVARFeatures):
        S = import_module(form).DataFrame({"a": S[:, 0], "b": S[:, 1]})
    direct = np.asarray(clone(layer).fit(S).transform(S))
    deep = GreedyLayerwise([("one", layer), ("scale", StandardScaler())], block_size=70)
    want = StandardScaler().fit(direct).transform(direct)
    assert_allclose(deep.fit(S).transform(S), want, atol=1e-9)
    assert_allclose(clone(deep).set_params(streaming=True).fit(S).transform(S), want, atol=1e-9)
    every = clone(deep).set_params(features="all", n_samples=[None, 90], random_state=0).fit(S)
    assert_allclose(every.transform(S)[:, : direct.shape[1]], direct, atol=1e-9)
    assert every.layers_[1][1].n_samples_seen_ == 90  # rows of the states, drawn at random
    scores = deep.evaluate_depth(S, np.arange(500) % 2, cv=2)
    assert list(scores) == ["input", "one", "scale"]


def test_a_layer_of_steps_learns_from_steps_in_a_row():
    S = np.random.RandomState(0).randn(400, 1)
    seen = []

    class Lag(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            seen.append(X.copy())
            return self

        def transform(self, X):
            return np.r_[0 * X[:1], X[:-1]]

    for limit in (None, 100):
        deep = GreedyLayerwise([("lag", Lag())], n_samples=limit, block_size=50, random_state=0)
        assert_array_equal(deep.fit(S).transform(S), np.r_[[[0.0]], S[:-1]])
        assert_array_equal(seen[-1], S[:limit])


def test_sequences_are_samples_and_are_cut_between():
    X = [np.random.RandomState(i).randn(20 + i, 2) for i in range(30)]
    states = ReservoirStates(10, random_state=0)
    deep = GreedyLayerwise([("states", states)], block_size=7, grid=1).fit(X)
    means = [x.mean(axis=0) for x in states.fit(X).transform(X)]
    assert_allclose(deep.transform(X), means, atol=1e-9)


@pytest.mark.parametrize(
    "cv",
    [
        KFold(3, shuffle=True), ShuffleSplit(3, test_size=0.3),
        RepeatedStratifiedKFold(n_splits=2, n_repeats=2), GroupKFold(3), 3,
        iter([(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]),
    ],
    ids=lambda cv: type(cv).__name__,
)  # fmt: skip
def test_depths_are_scored_on_the_same_splits(cv):
    r = np.random.RandomState(0)
    Z, y = r.randn(60, 4), r.randint(0, 2, 60)
    deep = GreedyLayerwise([("one", FunctionTransformer()), ("two", FunctionTransformer())]).fit(Z)
    groups = np.arange(60) // 5 if isinstance(cv, GroupKFold) else None
    scores = deep.evaluate_depth(Z, y, cv=cv, groups=groups)
    assert_array_equal(scores["one"], scores["input"])
    assert_array_equal(scores["two"], scores["input"])
    if isinstance(cv, GroupKFold):
        want = cross_val_score(RidgeClassifier(), Z, y, groups=groups, cv=cv)
        got = deep.evaluate_depth(Z, y, cv=cv, groups=groups, readout=RidgeClassifier())
        assert_array_equal(got["two"], want)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_columns_of_frames_keep_their_names(kind):
    Z = import_module(kind).DataFrame(
        {name: np.random.RandomState(i).randn(40) for i, name in enumerate("abcd")}
    )
    for first in (ZCAWhitening(), FunctionTransformer(np.asarray), RBM(3, visible="gaussian")):
        deep = GreedyLayerwise([("first", first), ("pca", PCA(2))], block_size=15).fit(Z)
        assert deep.feature_names_in_.tolist() == list("abcd")
        deep.transform(Z)
        with pytest.raises(ValueError, match="feature names should match"):
            deep.transform(Z[list("dcba")])
    drawn = GreedyLayerwise([("zca", ZCAWhitening())], n_samples=20, random_state=0).fit(Z)
    assert drawn.feature_names_in_.tolist() == list("abcd")


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_come_out_where_they_are_asked_for(kind):
    layers = [("conv", maps(3)), ("pca", PCA(4, random_state=0))]
    want = GreedyLayerwise(layers).fit(IMAGES).transform(IMAGES)
    deep = GreedyLayerwise(layers).set_output(transform=kind).fit(IMAGES)
    assert deep.transform(IMAGES).columns[0] == "greedylayerwise0"
    assert_allclose(deep.transform(IMAGES), want)
    listed = deep.transform(list(IMAGES))
    assert_allclose(listed, want)
    with config_context(transform_output=kind):
        inside = GreedyLayerwise([*layers, ("groups", GroupedMaps(PCA(1), n_groups=2))])
        assert inside.fit_transform(IMAGES).shape == (300, 2)
        assert type(inside.transform(IMAGES)).__module__.startswith(kind)


def test_what_is_wrong_with_a_readout_is_what_is_said():
    X = np.random.RandomState(0).standard_normal((30, 4))
    stack = GreedyLayerwise([("pca", PCA(2))]).fit(X)
    with pytest.raises(ValueError, match="^y cannot be taken: Unknown label type: continuous"):
        stack.evaluate_depth(X, X[:, 0], cv=3)
    with pytest.raises(TypeError, match="X must be an array of samples .* got dict"):
        stack.fit({"a": X})
    with pytest.raises(ValueError, match="X has masked entries"):
        stack.fit(np.ma.array(X, mask=X > 1))
    with pytest.raises(ValueError, match="X has masked entries"):
        stack.fit([np.ma.array(row, mask=row > 1) for row in X])
