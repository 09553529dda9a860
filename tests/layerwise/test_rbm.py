"""The restricted Boltzmann machine against enumeration of all states."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.exceptions import ReadingWarning, ScalingWarning
from dlkit.layerwise import RBM, ConvRBM
from dlkit.layerwise._divergence import Machine

from .. import naive_layerwise as naive
from .machines import bars, parameters, small

KINDS = [("bernoulli", "bernoulli"), ("gaussian", "bernoulli"), ("bernoulli", "relu")]


SPARSE = [sparse.csr_matrix, sparse.csr_array, sparse.coo_array]


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:visible='bernoulli' takes data from 0 to 1")
@parametrize_with_checks(
    [
        RBM(),
        RBM(5, visible="gaussian", hidden="relu", persistent=False, learning_rate=1e-3),
        RBM(5, n_gibbs=2, momentum=0.5, weight_decay=1e-3, sparsity_target=0.1, n_chains=3),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("form", SPARSE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_sparse_rows_are_rows(form, dtype, visible):
    X = bars(60).astype(dtype)
    options = {"visible": visible, "learning_rate": 0.01, "n_epochs": 2, "random_state": 0}
    dense, rbm = RBM(5, **options).fit(X), RBM(5, **options).fit(form(X))
    for got, want in zip(parameters(rbm), parameters(dense), strict=True):
        assert_array_equal(got, want)
    for name in ("transform", "reconstruct", "free_energy", "score_samples", "gibbs"):
        got = getattr(rbm, name)(form(X[:7]))
        assert_array_equal(got, getattr(dense, name)(X[:7]))
    pieces = RBM(5, **options).partial_fit(form(X[:30])).partial_fit(form(X[30:]))
    want = RBM(5, **options).partial_fit(X[:30]).partial_fit(X[30:])
    assert_array_equal(pieces.components_, want.components_)
    twice = sparse.csr_array(  # an entry in two parts
        (np.array([0.25, 0.5], dtype), np.array([3, 3]), np.array([0, 2])), shape=(1, 16)
    )
    assert_allclose(rbm.transform(twice), rbm.transform(twice.toarray()), atol=1e-6)
    out = np.empty((1, 16), np.float32)
    rbm._fill(twice)(out, slice(1))
    assert_array_equal(out, twice.toarray())


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_free_energy_sums_over_hidden_states(visible):
    rbm = small(visible=visible)
    W, b, c = parameters(rbm)
    V = naive.states(4)
    expected = [naive.free_energy(v, W, b, c, visible) for v in V]
    assert_allclose(rbm.free_energy(V), expected, atol=1e-12)


def test_transform_and_reconstruct_are_expectations():
    rbm = small()
    W, b, c = parameters(rbm)
    V = naive.states(4)
    H = 1 / (1 + np.exp(-(V @ W.T + c)))
    assert_allclose(rbm.transform(V), H, rtol=1e-12)
    assert_allclose(rbm.reconstruct(V), 1 / (1 + np.exp(-(H @ W + b))), rtol=1e-12)
    assert rbm.transform(V.astype(np.float32)).dtype == np.float32
    relu = small(visible="gaussian", hidden="relu")
    W, b, c = parameters(relu)
    H = np.log1p(np.exp(V @ W.T + c))
    assert_allclose(relu.transform(V), H, rtol=1e-12)
    assert_allclose(relu.reconstruct(V), H @ W + b, rtol=1e-12)


@pytest.mark.compiled
@pytest.mark.parametrize("kinds", KINDS)
def test_learning_raises_the_pseudo_likelihood(kinds):
    X = bars() * (4.0 if kinds[0] == "gaussian" else 1.0)
    rbm = RBM(12, visible=kinds[0], hidden=kinds[1], n_epochs=60, random_state=0)
    before = clone(rbm).set_params(n_epochs=0).fit(X).score(X)
    assert rbm.fit(X).score(X) > before + 1.5


@pytest.mark.compiled
def test_learning_finds_the_distribution():
    X = bars(300)
    rbm = RBM(12, n_chains=50, n_epochs=100, random_state=0).fit(X)
    log_z, _ = rbm.log_partition()
    likelihood = (-rbm.free_energy(X) - log_z).mean()
    assert -4.0 < likelihood < -np.log(7)  # eight images; independent pixels have -9


@pytest.mark.compiled
def test_sparsity_target_is_met():
    X = bars()
    rbm = RBM(12, n_epochs=40, random_state=0)
    free = rbm.fit(X).transform(X).mean()
    sparse = clone(rbm).set_params(sparsity_target=0.05, sparsity_cost=3.0).fit(X)
    assert abs(sparse.transform(X).mean() - 0.05) < 0.03 < abs(free - 0.05)


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fit_is_reproducible_and_leaves_data_alone(dtype):
    X = bars(45).astype(dtype)
    X.flags.writeable = False
    one = RBM(5, n_epochs=2, random_state=3).fit(X)
    two = clone(one).fit(pd.DataFrame(X, columns=[f"p{i}" for i in range(16)]))
    assert_array_equal(one.components_, two.components_)
    assert list(two.get_feature_names_out()[:2]) == ["rbm0", "rbm1"]
    again = pickle.loads(pickle.dumps(one))
    assert_array_equal(again.partial_fit(X).components_, one.partial_fit(X).components_)


def test_bad_input():
    X = bars(20)
    for bad in (
        {"n_components": 0}, {"visible": "binary"}, {"hidden": "tanh"}, {"learning_rate": 0.0},
        {"momentum": 1.0}, {"n_gibbs": 0}, {"batch_size": 0}, {"sparsity_target": -1.0},
        {"weight_decay": -1.0}, {"n_chains": 0}, {"persistent": "yes"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(bad))):
            RBM(**bad).fit(X)
    with pytest.warns(ScalingWarning, match="from 0 to 255"):
        RBM(2, n_epochs=0).fit(255 * X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RBM(2, n_epochs=0, visible="gaussian").fit(255 * X)
    with pytest.raises(ValueError, match="NaN"):
        RBM().fit(np.where(X == 1, np.nan, X))
    big = RBM(21, n_epochs=0, random_state=0).fit(np.tile(X, 2))
    with pytest.raises(ValueError, match="at most 20"):
        big.log_partition("exact")
    with pytest.raises(ValueError, match="method must be"):
        big.log_partition("guess")
    for wrong in ({"n_chains": 0}, {"n_steps": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            big.log_partition("ais", **wrong)
    with pytest.raises(ValueError, match="n_samples"):
        big.sample(0)
    with pytest.raises(ValueError, match="n_steps"):
        big.gibbs(np.tile(X, 2), -1)
    relu = RBM(21, hidden="relu", n_epochs=0, random_state=0).fit(np.tile(X, 2))
    with pytest.raises(ValueError, match="hidden='relu'"):
        relu.log_partition()
    both = RBM(2, visible="gaussian", hidden="relu", n_epochs=0).fit(X)
    with pytest.raises(AttributeError) as error:
        both.score_samples(X)
    assert "finite integral" in str(error.value.__cause__)


def test_offsets_and_overflow():
    X = bars(40).astype(np.float32)
    far = RBM(3, visible="gaussian", n_epochs=0).fit(X + np.float32(1e5))
    assert_allclose(far.intercept_visible_, 1e5 + X.mean(axis=0, dtype=float), rtol=1e-7)
    with np.errstate(all="raise"):
        rbm = RBM(3, visible="gaussian", n_epochs=1, random_state=0).fit(X)
        for name in ("transform", "reconstruct", "free_energy", "score_samples", "gibbs"):
            getattr(rbm, name)(X)
            getattr(rbm, name)(X * np.float32(1e10))
        rbm.log_partition("ais", n_chains=3, n_steps=5)
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        rbm.score_samples(np.full((2, 16), 1e300))


def test_read_only_machines_go_on():
    X = bars(30)
    one, two = (RBM(4, n_epochs=1, random_state=0).fit(X) for _ in range(2))
    m = one.machine_
    for array in (m.weights, m.visible_bias, m.hidden_bias, m.chains, *m.velocity):
        array.flags.writeable = False  # as it comes back from joblib's workers
    assert_array_equal(one.partial_fit(X).components_, two.partial_fit(X).components_)


@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_an_interrupted_call_leaves_the_machine_as_it_was(call, monkeypatch):
    X = bars(30)
    rbm = RBM(4, n_epochs=1, random_state=0).fit(X)
    before = pickle.dumps(rbm)

    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Machine, "check_finite", interrupt)
        with pytest.raises(KeyboardInterrupt):
            getattr(rbm, call)(X)
    assert pickle.dumps(rbm) == before


def test_numbers_of_any_whole_kind_and_size():
    X = bars(30)

    def fitted(t):
        sizes = {"n_chains": t(7), "batch_size": t(9), "n_epochs": t(2), "n_gibbs": t(2)}
        return RBM(t(4), **sizes, random_state=0).fit(X).components_

    assert_array_equal(fitted(np.uint8), fitted(int))
    with pytest.raises(ValueError, match="RBM would need more memory .* n_chains=1099511627776"):
        RBM(4, n_chains=2**40).fit(X)


def test_bytes_after_shares_are_announced(recwarn):
    X = (np.random.RandomState(0).uniform(size=(30, 9)) > 0.5).astype(float)
    rbm, conv = RBM(4, n_epochs=1, random_state=0), ConvRBM(2, kernel_size=(3,), n_epochs=1)
    for model in (rbm.fit(X), conv.fit(X)):
        for more in (255 * X, (255 * X).astype(np.uint8)):
            with pytest.warns(ReadingWarning, match="another scale than in fit"):
                model.transform(more)
        recwarn.clear()
        model.transform(X)
        model.transform(X[:1] / 2)
        assert not recwarn.list
    with pytest.warns(ReadingWarning, match="another scale than in fit"):
        rbm.transform(sparse.csr_array(255 * X))
    recwarn.clear()
    rbm.transform(sparse.csr_array(0 * X))
    gaussian = clone(rbm).set_params(visible="gaussian").fit(X)
    gaussian.transform(99 * X)
    assert not recwarn.list
