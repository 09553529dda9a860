import numpy as np

from dlkit.positions._chain import FAR, Expansion, calibrated


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


def test_units_see_what_is_far_off_drawn_in_and_in_order():
    rows = np.random.RandomState(0).standard_normal((500, 3))
    rows[:4, 0] = [40, 50, -40, -1e30]
    expansion = Expansion.draw(rows[4:], None, 20, 2, np.random.RandomState(0))
    F, Z = expansion(rows), (rows - rows[4:].mean(axis=0)) / rows[4:].std(axis=0)
    np.testing.assert_allclose(F[:, :3], Z)
    beyond = np.maximum(np.abs(Z) - FAR, 0)
    drawn = np.sign(Z) * (np.minimum(np.abs(Z), FAR) + 1 / (1 / FAR + 1 / (beyond + 1e-300)))
    assert FAR < drawn[0, 0] < drawn[1, 0] < 2 * FAR
    assert -2 * FAR <= drawn[3, 0] < drawn[2, 0] < -FAR
    units = np.maximum(drawn @ expansion.weights[:-1] + expansion.weights[-1], 0)
    np.testing.assert_allclose(F[:, 3:], units, atol=1e-12)


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
