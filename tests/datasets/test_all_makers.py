"""What all makers of data promise: seeds, shapes, errors."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dlkit import datasets
from dlkit.datasets import (
    make_henon,
    make_lorenz,
    make_mackey_glass,
    make_memory,
    make_multiple_sines,
    make_narma,
    make_parity,
)

RANDOM = [
    make_mackey_glass,
    make_lorenz,
    make_henon,
    make_narma,
    make_memory,
    make_parity,
]


def arrays(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("make", RANDOM)
def test_seed_gives_the_series(make):
    first, again = arrays(make(50, random_state=3)), arrays(make(50, random_state=3))
    other = arrays(make(50, random_state=4))
    drawn = arrays(make(50, random_state=np.random.RandomState(3)))
    for a, b, c, d in zip(first, again, other, drawn, strict=True):
        assert_array_equal(a, b)
        assert_array_equal(a, d)
        assert not np.array_equal(a, c)


@pytest.mark.parametrize("make", RANDOM)
def test_global_random_state_is_left_alone(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make(5, random_state=0)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("n_steps", [1, 2, 37])
def test_shapes_and_dtypes(n_steps):
    for make, shapes in [
        (make_mackey_glass, [(n_steps, 1)]),
        (make_lorenz, [(n_steps, 3)]),
        (make_henon, [(n_steps, 2)]),
        (make_multiple_sines, [(n_steps, 1)]),
        (make_narma, [(n_steps, 1), (n_steps,)]),
        (make_memory, [(n_steps, 1), (n_steps, 20)]),
        (make_parity, [(n_steps, 1), (n_steps,)]),
    ]:
        kwargs = {} if make is make_multiple_sines else {"random_state": 0}
        result = arrays(make(n_steps, **kwargs))
        assert [a.shape for a in result] == shapes
        assert result[0].dtype == np.float64
        assert all(a.flags.c_contiguous and a.flags.writeable for a in result)
        expected = np.int64 if make is make_parity else np.float64
        assert result[-1].dtype == expected


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("make_mackey_glass", {"n_steps": 0}),
        ("make_mackey_glass", {"tau": 0}),
        ("make_mackey_glass", {"tau": 17.03}),
        ("make_mackey_glass", {"tau": 0.01}),
        ("make_mackey_glass", {"gamma": 20.0}),
        ("make_mackey_glass", {"tau": 1e300}),
        ("make_mackey_glass", {"dt": 5e-324}),
        ("make_mackey_glass", {"beta": 1e300}),
        ("make_mackey_glass", {"beta": 1e308, "exponent": 1e-5}),
        ("make_mackey_glass", {"substeps": 0}),
        ("make_mackey_glass", {"exponent": -1.0}),
        ("make_lorenz", {"dt": 0}),
        ("make_lorenz", {"n_steps": 2.5}),
        ("make_lorenz", {"transient": -1}),
        ("make_lorenz", {"dt": 1.0}),
        ("make_henon", {"a": np.nan}),
        ("make_henon", {"a": 3.0}),
        ("make_narma", {"order": 0}),
        ("make_narma", {"coefficients": (0.3, 0.05, 1.5)}),
        ("make_narma", {"coefficients": (0.3, 0.05, 1.5, np.inf)}),
        ("make_narma", {"saturate": "tanh"}),
        ("make_narma", {"order": 30, "saturate": False}),
        ("make_multiple_sines", {"frequencies": 9}),
        ("make_multiple_sines", {"frequencies": 0}),
        ("make_multiple_sines", {"frequencies": []}),
        ("make_multiple_sines", {"frequencies": [1e308]}),
        ("make_multiple_sines", {"frequencies": [0.1, -1e306]}),
        ("make_multiple_sines", {"frequencies": [0.1, np.nan]}),
        ("make_memory", {"max_delay": 0}),
        ("make_memory", {"random_state": "seed"}),
        ("make_parity", {"n_bits": 0}),
        ("make_parity", {"delay": -1}),
        ("load_japanese_vowels", {"subset": "valid"}),
        ("load_japanese_vowels", {"return_X_y": "yes"}),
    ],
)
def test_errors_name_the_parameter(name, kwargs):
    given = kwargs if name == "load_japanese_vowels" else {"n_steps": 2000} | kwargs
    with pytest.raises((ValueError, TypeError), match=next(iter(kwargs))):
        getattr(datasets, name)(**given)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize(
    ("make", "numbers"),
    [
        (make_mackey_glass, {"n_steps": 200, "tau": 17, "transient": 100, "random_state": 0}),
        (make_lorenz, {"n_steps": 200, "rho": 28, "transient": 100, "random_state": 0}),
        (make_henon, {"n_steps": 200, "transient": 100, "a": 1, "random_state": 0}),
        (make_narma, {"n_steps": 200, "order": 10, "transient": 100, "random_state": 0}),
        (make_memory, {"n_steps": 200, "max_delay": 100, "random_state": 0}),
        (make_parity, {"n_steps": 200, "n_bits": 3, "delay": 100, "random_state": 0}),
        (make_multiple_sines, {"n_steps": 200, "frequencies": 8}),
    ],
)
def test_small_integers_do_not_overflow(make, numbers, kind):
    want = arrays(make(**numbers))
    small = {name: kind(value) for name, value in numbers.items()}
    for one, other in zip(arrays(make(**small)), want, strict=True):
        assert_array_equal(one, other)
