"""A forecaster that runs on by itself: 2000 steps of three sines, each output the next input.

One series, or sixteen side by side; one reservoir, two in series (the readout sees the second), or
gated units, which ReservoirPy does not have. Both libraries have the same matrices (10 links a
unit, radius 0.9, leak rate 0.5), start from the state after the same 1000 steps, and have the same
ridge readout, dlkit's. ReservoirPy runs as in its documentation: `Model.step` of its last output,
one series after another. Of sixteen series it runs one, and the time is multiplied by sixteen.
Results are compared over the first 200 steps; later, rounding errors have grown.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import fastest, needs, reservoirpy_node
from _timing import Timed

from dlkit import ESNForecaster
from dlkit.reservoir import Layers

N_LEARNED, N_STEPS, N_COMPARED, N_SERIES = 1000, 2000, 200, 16
MODELS = {
    "one reservoir": {}, "two layers": {"layers": Layers(2, read="last")},
    "gru": {"cell": "gru"},
}  # fmt: skip


def sines(phase):
    """Three of them, of incommensurable periods."""
    t = np.arange(N_LEARNED)[:, None] + phase
    return (np.sin(0.2 * t) + np.sin(0.311 * t) + np.sin(0.42 * t)) / 3


@needs("reservoirpy")
def reservoirpy(esn, times):
    from functools import reduce
    from operator import rshift

    from reservoirpy.nodes import Ridge

    drawn, u = esn.reservoir_, sines(0)

    def forecast(form, n_steps=N_STEPS):
        nodes = [reservoirpy_node(layer, form) for layer in getattr(drawn, "layers", [drawn])]
        readout = Ridge(Wout=esn.readout_.coef_.T, bias=esn.readout_.intercept_, output_dim=1)
        model = reduce(rshift, [*nodes, readout])
        model.initialize(u)
        y = model.run(u)[-1]
        states = {node: node.state for node in model.nodes}

        def run(i):
            for node, state in states.items():
                node.state = state
            out = [y]
            for _ in range(n_steps - 1):
                out.append(model.step(out[-1]))
            return np.array(out)[:N_COMPARED]

        return run

    forms = ("CSR", "dense")
    form = fastest({form: forecast(form, 200) for form in forms})
    return Timed(forecast(form), times=times, note=form)


def setup(threads, n_units, model, n_series):
    esn = ESNForecaster(
        n_units, leak_rate=0.5, input_scaling=0.5, passthrough=False, washout=100, alpha=1e-6,
        random_state=0, n_jobs=threads, **MODELS[model], scaling=None,
    ).fit([sines(phase) for phase in range(n_series)])  # fmt: skip
    contenders = {"dlkit": lambda i: esn.forecast(N_STEPS)[0][:N_COMPARED]}
    return (
        contenders if model == "gru" else contenders | {"ReservoirPy": reservoirpy(esn, n_series)}
    )


BENCHMARK = Benchmark(
    title="A forecaster that runs on by itself for 2000 steps",
    setup=setup,
    cases=[
        {"n_units": n_units, "model": model, "n_series": n_series}
        for n_units in (100, 500)
        for model, n_series in [
            ("one reservoir", 1), ("one reservoir", N_SERIES), ("two layers", 1), ("gru", 1),
        ]
    ],
    quick=[{"n_units": 50, "model": "two layers", "n_series": 1}],
    judged=[Ratio("ReservoirPy", 1)],
    unit="ms",
    agree=1e-6,
)  # fmt: skip
