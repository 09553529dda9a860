"""Fitted estimators are saved, sent and copied, and go on from there."""

import copy
import pickle

import joblib
import pytest
import skops.io

from .catalogue import ENTRIES, answers, assert_same, fitted, having, learned

pytestmark = pytest.mark.compiled


def mapped(estimator, folder):
    """Through a file that is mapped into memory: its arrays are read-only."""
    joblib.dump(estimator, folder / "estimator.joblib")
    return joblib.load(folder / "estimator.joblib", mmap_mode="r")


def out_of_band(estimator, folder):
    """Through read-only buffers, as Dask and Ray hand them on."""
    buffers = []
    message = pickle.dumps(estimator, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(message, buffers=[bytes(one.raw()) for one in buffers])


def through_skops(estimator, folder):
    message = skops.io.dumps(estimator)
    return skops.io.loads(message, trusted=skops.io.get_untrusted_types(data=message))


WAYS = {
    "pickle": lambda estimator, folder: pickle.loads(pickle.dumps(estimator)),
    "joblib": mapped,
    "buffers": out_of_band,
    "skops": through_skops,
    "copy": lambda estimator, folder: copy.copy(estimator),
    "deepcopy": lambda estimator, folder: copy.deepcopy(estimator),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ENTRIES)
def test_what_travelled_answers_alike(name, way, tmp_path):
    estimator, X, _ = fitted(name)
    assert_same(answers(WAYS[way](estimator, tmp_path), X), answers(estimator, X))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", having("partial_fit"))
def test_what_travelled_goes_on_learning(name, way, tmp_path):
    """As the original does; learning leaves what the copy was made from alone."""
    want, X, more = learned(name)
    estimator, before = copy.deepcopy(want), answers(want, X)
    travelled = WAYS[way](estimator, tmp_path)
    travelled.partial_fit(*more)
    assert_same(answers(estimator, X), before)
    want.partial_fit(*more)
    assert_same(answers(travelled, X), answers(want, X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", having("merge"))
def test_what_travelled_is_merged(name, way, tmp_path):
    want, X, _ = learned(name)
    estimator, other = copy.deepcopy(want), copy.deepcopy(want)
    before = answers(want, X)
    travelled = WAYS[way](estimator, tmp_path)
    travelled.merge(WAYS[way](other, tmp_path))
    assert_same(answers(estimator, X), before)
    assert_same(answers(other, X), before)
    want.merge(other)
    assert_same(answers(travelled, X), answers(want, X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ENTRIES)
def test_skops_trusts_few_types(name):
    estimator, message = fitted(name)[0], skops.io.dumps(fitted(name)[0])
    found = skops.io.get_untrusted_types(data=message)
    home = type(estimator).__module__.split(".")[1]
    alone = home in ("conv", "rocket", "layerwise") and "," not in name
    known = ("dlkit.",) if alone else ("dlkit.", "scipy.sparse.", "sklearn.")
    assert not [one for one in found if not one.startswith(known)]
