"""Checks of parameters by name, and estimators that failures leave as they were."""

import inspect

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from dlkit import (
    ConvFeatures,
    ESNClassifier,
    ESNForecaster,
    ImageScanFeatures,
    PerStep,
    ReservoirStates,
)
from dlkit._params import (
    InvalidParameterError,
    StrOptions,
    check_params,
    count,
    non_negative,
    positive,
    unchanged,
    unchanged_on_failure,
    validate_params,
)


class Model(BaseEstimator):
    _parameter_constraints = {"size": [count()], "kind": [StrOptions({"a", "b"})]}

    def __init__(self, size=1, kind="a"):
        self.size = size
        self.kind = kind

    @unchanged_on_failure
    def fit(self, X, fail=None):
        self.half_ = True
        if fail is not None:
            raise fail
        self.whole_ = True
        return self


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        (count(), [1, 7], [0, 1.0, -3]),
        (count(0), [0, 7], [-1, 0.5]),
        (non_negative(), [0, 0.5, 3], [-1e-9, float("nan"), "a"]),
        (positive(), [1e-9, 3], [0, -1]),
    ],
)
def test_ranges(constraint, good, bad):
    assert all(constraint.is_satisfied_by(value) for value in good)
    assert not any(constraint.is_satisfied_by(value) for value in bad)


def test_some_parameters_are_checked_by_name():
    model = Model(size=0, kind="c")
    check_params(model, {"kind": "b"})
    with pytest.raises(InvalidParameterError, match=r"'size' parameter of Model .* Got 0 instead"):
        check_params(model, {"size": 0})


@pytest.mark.parametrize("failure", [ValueError("x"), KeyboardInterrupt()])
def test_a_fit_that_fails_or_is_interrupted_leaves_nothing(failure):
    model = Model()
    with pytest.raises(type(failure)):
        model.fit(None, fail=failure)
    assert vars(model) == {"size": 1, "kind": "a"}
    before = vars(model.fit(None)).copy()

    def change():
        with unchanged(model):
            model.whole_ = model.third_ = 3
            raise failure

    with pytest.raises(type(failure)):
        change()
    assert vars(model) == before


@pytest.mark.parametrize("show", [repr, lambda e: e._repr_html_()], ids=["text", "HTML"])
@pytest.mark.parametrize("within", [lambda e: e, lambda e: make_pipeline(StandardScaler(), e)])
@pytest.mark.parametrize(
    "estimator",
    [
        PerStep(FunctionTransformer(np.square)),
        ESNForecaster(topology=np.eye(3), scaling=None),
        ESNForecaster(topology=csr_array(np.eye(3)), leak_rate=np.full(3, 0.5), scaling=None),
        ESNClassifier(topology=csr_matrix(np.eye(3))),
        ReservoirStates(topology=coo_array(np.eye(3))),
        ImageScanFeatures(topology=csr_array(np.eye(3))),
        ReservoirStates(activation=np.tanh, topology=lambda n, rng: np.eye(n)),
        ConvFeatures(kernels=np.ones((2, 3, 3))),
    ],
)
def test_representations(estimator, show, within):
    assert type(estimator).__name__ in show(within(estimator))
    topology = getattr(estimator, "topology", None)
    if hasattr(topology, "format"):
        assert "stored elements" in show(within(estimator))
        assert estimator.topology is topology


@pytest.mark.parametrize("failure", [ValueError("x"), KeyboardInterrupt()])
def test_a_fit_that_fails_has_drawn_nothing(failure):
    model = Model(kind=np.random.RandomState(0))

    class Drawing(Model):
        @unchanged_on_failure
        def fit(self, X):
            self.kind.rand()
            raise failure

    with pytest.raises(type(failure)):
        Drawing(kind=model.kind).fit(None)
    assert model.kind.rand() == np.random.RandomState(0).rand()


@pytest.mark.parametrize(
    "ask",
    [
        lambda n: np.empty(n, np.int64), lambda n: np.empty((n, n)), lambda n: np.arange(n),
        lambda n: np.empty(2**70 * n), lambda n: [0] * n, lambda n: (2**20 * n).to_bytes(8),
    ],
)  # fmt: skip
def test_sizes_beyond_all_memory_are_named(ask):
    class Large(Model):
        @unchanged_on_failure
        def fit(self, X):
            return ask(self.size)

    with pytest.raises(ValueError, match=r"Large would need more memory .* size=\d+: use less"):
        Large(size=2**50).fit(None)
    with pytest.raises(ValueError, match="another"):
        Model(size=2**50).fit(None, fail=ValueError("another"))
    with pytest.raises(ValueError, match="more memory .* size=200: use less"):  # as when squared
        Model(size=200).fit(None, fail=MemoryError())
    with pytest.raises(MemoryError):
        Model(size=3).fit(None, fail=MemoryError())


def test_functions_get_plain_numbers_and_data_as_they_are():
    @validate_params({"n": [count()], "size": [tuple, None]}, prefer_skip_nested_validation=True)
    def given(n, data=None, *, size=None):
        """What arrives."""
        return n, data, size

    data = [np.uint8(200), np.uint8(3)]
    n, same, size = given(np.uint8(200), data, size=(np.int8(5), 3))
    assert [type(one) for one in (n, *size)] == [int] * 3
    assert n + 200 == 400
    assert same is data
    images = np.zeros(3, np.uint8)
    assert given(1, images)[1] is images
    assert given.__doc__ == "What arrives."
    assert list(inspect.signature(given).parameters) == ["n", "data", "size"]
    with pytest.raises(InvalidParameterError, match="'n' parameter of .*given must be an int"):
        given(np.uint8(0))
