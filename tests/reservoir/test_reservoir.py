"""What is drawn: other scalings of one draw."""

import numpy as np
import pytest

from dlkit.reservoir import InputWeights
from dlkit.reservoir._models.reservoir import draw_reservoir


@pytest.mark.parametrize("control", ["radius", "effective", "norm"])
@pytest.mark.parametrize("topology", ["sparse", "dense", "ring"])
def test_with_settings_is_drawing_anew(control, topology):
    def draw(**settings):
        fixed = {
            "topology": topology,
            "n_links": 3,
            "control": control,
            "input_weights": InputWeights("normal", density=0.5),
            "random_state": 7,
        }
        return draw_reservoir(12, 2, **fixed, **settings)

    first = {
        "spectral_radius": 0.95, "leak_rate": 0.5, "input_scaling": 0.3, "bias_scaling": 0.1,
        "activation": "tanh",
    }  # fmt: skip
    second = {
        "spectral_radius": 0.8, "leak_rate": np.linspace(0.4, 1, 12) if topology == "ring" else 0.9,
        "input_scaling": [2.0, 0.7], "bias_scaling": -0.4, "activation": "relu",
    }  # fmt: skip
    start = draw(**first)
    for changed in [*second, None]:
        new = second if changed is None else {changed: second[changed]}
        derived, expected = start.with_settings(**new), draw(**{**first, **new})
        for name in ("w_in", "bias"):
            np.testing.assert_array_equal(getattr(derived, name), getattr(expected, name))
        mine, other = (
            r.matrix if topology == "dense" else r.matrix.toarray() for r in (derived, expected)
        )
        np.testing.assert_array_equal(mine, other)
        np.testing.assert_array_equal(derived.leak_rate, expected.leak_rate)
        assert derived.activation == expected.activation
        assert derived.noise_seed == expected.noise_seed
        assert derived.recurrent.spectral_radius == expected.recurrent.spectral_radius
