"""JapaneseVowels against the source's text."""

import hashlib

import numpy as np
from numpy.testing import assert_array_equal

from dlkit.datasets import load_japanese_vowels


def test_vowels_counts_and_fields():
    bunch = load_japanese_vowels()
    assert len(bunch.data) == len(bunch.target) == 640
    assert bunch.n_train == 270
    lengths = np.array([len(x) for x in bunch.data])
    assert lengths.min() == 7
    assert lengths.max() == 29
    assert lengths.sum() == 9961
    assert all(x.shape[1] == 12 and x.dtype == np.float64 for x in bunch.data)
    assert all(x.flags.c_contiguous and x.flags.writeable for x in bunch.data)
    assert bunch.target.dtype == np.int64
    assert_array_equal(np.bincount(bunch.target[:270]), [30] * 9)
    assert_array_equal(np.bincount(bunch.target[270:]), [31, 35, 88, 44, 29, 24, 40, 50, 29])
    assert bunch.target_names[0] == "speaker 1"
    assert len(bunch.target_names) == 9
    assert len(bunch.feature_names) == 12
    for phrase in ("Kudo, J. Toyama and M. Shimbo", "CC BY 4.0", "10.24432/C5NS47"):
        assert phrase in bunch.DESCR


def test_vowels_are_the_decimals_of_the_text():
    # Copied from the .ts files: first step of the first utterance, last step of the last one.
    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    first = "1.860936 -0.207383 0.261557 -0.214562 -0.171253 -0.118167 -0.277557 0.025668 "
    first += "0.126701 -0.306756 -0.213076 0.088728"
    last = "0.966744 -0.323093 0.305467 -0.419457 0.514195 -0.31106 -0.033985 0.154038 "
    last += "-0.389686 -0.089183 0.16625 0.173642"
    assert X[0][0].tolist() == [float(v) for v in first.split()]
    assert X[-1][-1].tolist() == [float(v) for v in last.split()]
    assert (len(X[0]), y[0], len(X[-1]), y[-1]) == (20, 0, 9, 8)

    X, y = load_japanese_vowels(subset="test", return_X_y=True)
    first = "1.635533 0.024848 0.432087 -0.361914 -0.074776 -0.693481 -0.229621 0.261503 "
    first += "-0.089421 -0.020431 -0.008612 0.139754"
    last = "1.177449 -0.40408 0.052026 -0.284812 0.42984 -0.203484 -0.072393 -0.080955 "
    last += "-0.244424 -0.001849 -0.016634 0.224688"
    assert X[0][0].tolist() == [float(v) for v in first.split()]
    assert X[-1][-1].tolist() == [float(v) for v in last.split()]
    assert (len(X[0]), y[0], len(X[-1]), y[-1]) == (19, 0, 11, 8)


def test_vowels_checksum():
    X, _ = load_japanese_vowels(return_X_y=True)
    whole = np.round(np.concatenate(X) * 1e6).astype("<i4")
    digest = hashlib.sha256(whole.tobytes()).hexdigest()
    assert digest == "51d04ab97eecbe7111ea86b461fc30bd57b786d5b29a840add1b806065e26fc1"


def test_vowels_subsets_are_parts_of_all():
    X, y = load_japanese_vowels(return_X_y=True)
    X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
    test = load_japanese_vowels(subset="test")
    assert len(X_train) == 270
    assert len(test.data) == 370
    assert test.n_train == 0
    assert load_japanese_vowels(subset="train").n_train == 270
    for one, other in zip(X, X_train + test.data, strict=True):
        assert_array_equal(one, other)
    assert_array_equal(y, np.concatenate([y_train, test.target]))


def test_vowels_calls_share_nothing():
    X, y = load_japanese_vowels(return_X_y=True)
    X[0][:] = 0
    y[:] = 0
    X_again, y_again = load_japanese_vowels(return_X_y=True)
    assert X_again[0].all()
    assert y_again.any()
