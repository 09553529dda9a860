import numpy as np

from dlkit.positions._chain import Expansion, calibrated


def test_units_sum_a_few_standardised_columns():
    rows = np.random.RandomState(0).uniform(5, 9, (200, 10))
    rows[:, 3] = 7.0
    expansion = Expansion.draw(rows, None, 20, 4, np.random.RandomState(0))
    weights, bias = expansion.weights[:-1], expansion.weights[-1]
    assert ((weights != 0).sum(axis=0) == 4).all()
    F = expansion(rows)
    Z = (rows - rows.mean(axis=0)) / np.where(np.arange(10) == 3, 1, rows.std(axis=0))
    np.testing.assert_allclose(F[:, :10], Z, atol=1e-12)
    np.testing.assert_allclose(F[:, 10:], np.maximum(Z @ weights + bias, 0))


def test_calibrated_scores_are_a_softmax():
    scores = np.random.RandomState(0).standard_normal((5, 1))
    found = calibrated(scores, (np.array([[2.0]]), np.array([0.5])))
    np.testing.assert_allclose(found[:, 1], 1 / (1 + np.exp(-(2 * scores[:, 0] + 0.5))))
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_calibrated_scores_of_several_classes_are_a_softmax():
    rng = np.random.RandomState(0)
    scores, coef, intercept = rng.standard_normal((5, 3)), rng.standard_normal((3, 3)), rng.randn(3)
    want = np.exp(scores @ coef + intercept)
    want /= want.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(calibrated(scores, (coef, intercept)), want)
