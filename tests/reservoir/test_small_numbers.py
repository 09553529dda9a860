"""Parameters that are NumPy's small integers, as grids and files have them, mean the same."""

import numpy as np
import pytest

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ImageScanFeatures,
    NVARFeatures,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirStates,
)
from dlkit.reservoir import (
    Clockwork,
    Context,
    CycleJumps,
    IntrinsicPlasticity,
    Layers,
    Leaky,
    Legendre,
    ModelSpace,
    echo_state_index,
    generalization_rank,
    gradient_norms,
    kernel_rank,
    lyapunov_exponent,
    memory_capacity,
)

r = np.random.RandomState(0)
u = r.randn(300, 2)
held = np.c_[u[:, 0], np.ones(300)]
S = [r.randn(12, 2) for _ in range(6)]
y = [0, 1] * 3
images = r.rand(6, 8, 8)

CASES = {
    "units": lambda t: ReservoirStates(t(120), n_links=t(7), random_state=0).fit_transform(u),
    "washout": lambda t: (
        ESNForecaster(20, washout=t(100), alpha=1.0, random_state=0, scaling=None).fit(u).predict(u)
    ),
    "lanes": lambda t: (
        ESNForecaster(20, n_lanes=t(16), alpha=1.0, random_state=0, scaling=None).fit(u).predict(u)
    ),
    "forecast": lambda t: (
        ESNForecaster(20, alpha=1.0, random_state=0, scaling=None).fit(u).forecast(t(120))
    ),
    "legendre": lambda t: ReservoirStates(
        t(110), cell=Legendre(memory_units=t(100)), random_state=0
    ).fit_transform(u),
    "dt": lambda t: ReservoirStates(t(110), cell="deep_transition", random_state=0).fit_transform(
        u
    ),
    "delays": lambda t: ReservoirStates(
        20, cell=Leaky(delays=(t(1), t(100))), random_state=0
    ).fit_transform(u),
    "delays dict": lambda t: ReservoirStates(
        20, cell=Leaky(delays={t(1): 1, t(100): t(2)}), random_state=0
    ).fit_transform(u),
    "delays arr": lambda t: ReservoirStates(
        20, cell=Leaky(delays=np.array([1, 100], dtype=t)), random_state=0
    ).fit_transform(u),
    "clock": lambda t: ReservoirStates(
        20, cell=Clockwork(periods=np.array([3, 7, 16, 32, 64], dtype=t)), random_state=0
    ).fit_transform(u),
    "clock2": lambda t: ReservoirStates(
        20, cell=Clockwork(periods=tuple(map(t, [3, 7, 16, 32, 64]))), random_state=0
    ).fit_transform(u),
    "jump": lambda t: ReservoirStates(
        t(120), topology=CycleJumps(jump=t(50)), random_state=0
    ).fit_transform(u),
    "layers": lambda t: ReservoirStates(t(100), layers=t(3), random_state=0).fit_transform(u),
    "layers2": lambda t: ReservoirStates(
        100,
        layers=Layers(
            [{"n_units": t(100)}, {"n_units": t(120), "leak_rate": np.float32(0.5)}], links=t(100)
        ),
        random_state=0,
    ).fit_transform(u),
    "layers3": lambda t: ReservoirStates(
        100, layers=Layers(t(3), progression={"n_units": (t(100), t(20))}), random_state=0
    ).fit_transform(u),
    "ip": lambda t: ReservoirStates(
        20, plasticity=IntrinsicPlasticity(n_passes=t(3)), random_state=0
    ).fit_transform(u),
    "pool": lambda t: ReservoirFeatures(
        40, pooling=ModelSpace(t(20)), random_state=0
    ).fit_transform(S),
    "context": lambda t: ReservoirStates(20, context=Context(t(1)), random_state=0).fit_transform(
        held
    ),
    "context2": lambda t: ReservoirStates(20, context=t(1), random_state=0).fit_transform(held),
    "nvar": lambda t: (
        NVARForecaster(t(3), stride=t(50), order=t(2), alpha=1.0, scaling=None).fit(u).predict(u)
    ),
    "nvar2": lambda t: NVARFeatures(t(3), stride=t(50), order=(t(1), t(2))).fit_transform(u),
    "scan": lambda t: ImageScanFeatures(
        t(60), step=t(2), strip=t(4), strip_stride=t(2), grid=t(2), random_state=0
    ).fit_transform(images),
    "scan2": lambda t: ImageScanFeatures(
        t(60), grid=(t(2), t(2)), input_shape=(t(8), t(8)), random_state=0
    ).fit_transform(images.reshape(6, 64)),
    "mc": lambda t: (
        memory_capacity(
            ReservoirStates(t(20), random_state=0),
            n_steps=t(120),
            max_delay=t(30),
            washout=t(100),
            random_state=0,
        ).by_delay
    ),
    "kr": lambda t: kernel_rank(
        ReservoirStates(20, random_state=0), n_inputs=t(100), n_steps=t(100), random_state=0
    ),
    "gr": lambda t: generalization_rank(
        ReservoirStates(20, random_state=0),
        n_shared=t(10),
        n_inputs=t(100),
        n_steps=t(100),
        random_state=0,
    ),
    "ly": lambda t: lyapunov_exponent(
        ReservoirStates(20, random_state=0), u, washout=t(100), random_state=0
    ),
    "esi": lambda t: echo_state_index(
        ReservoirStates(20, random_state=0), u, n_starts=t(100), washout=t(100), random_state=0
    ),
    "gn": lambda t: gradient_norms(
        ReservoirStates(20, random_state=0), u, n_steps=t(100), random_state=0
    ),
    "clf": lambda t: (
        ESNClassifier(
            t(100), bidirectional=np.bool_(True), random_state=t(3), n_jobs=t(2), verbose=t(0)
        )
        .fit(S, y)
        .decision_function(S)
    ),
    "f16": lambda t: (
        ESNClassifier(
            100,
            spectral_radius=np.float16(0.5),
            leak_rate=np.float16(0.5),
            noise=np.float16(0.125),
            input_scaling=np.float16(0.5),
            alpha=np.float16(1),
            random_state=0,
        )
        .fit(S, y)
        .decision_function(S)
    ),
}


@pytest.mark.compiled
@pytest.mark.parametrize("name", CASES)
def test_the_result_is_that_of_pythons_numbers(name):
    make = CASES[name]
    want = np.asarray(make(int))
    for kind in (np.int8, np.uint8, np.uint16, np.uint64, np.int64):
        np.testing.assert_array_equal(np.asarray(make(kind)), want)
