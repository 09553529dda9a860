"""A one-step forecaster: fit on 5000 steps of Mackey-Glass and predictions for the next 5000.

Every library is given the same matrices (W with 10 links a unit and radius 0.9, input weights
U(-0.1, 0.1), bias U(-0.2, 0.2)), no leak, a ridge penalty of 1e-6, and drops 100 steps. dlkit and
echoes scale W to the radius as part of the fit; ReservoirPy takes it as it is, in the format that a
trial finds faster. echoes begins at the second step and fits no intercept. All predict from the
zero state. NRMSE is over the test half without its first 100 steps.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import fastest, needs, reservoirpy_node
from _timing import Timed
from _work import links

from dlkit import ESNForecaster, ReservoirStates
from dlkit.datasets import make_mackey_glass

N_STEPS, N_DROPPED, ALPHA = 5000, 100, 1e-6


def series():
    x = np.tanh(make_mackey_glass(2 * N_STEPS + 1, tau=17, random_state=0) - 1)
    return x[:N_STEPS], x[1 : N_STEPS + 1], x[N_STEPS:-1], x[N_STEPS + 1 :]


@needs("reservoirpy")
def reservoirpy(drawn):
    from reservoirpy.nodes import Ridge

    def fit_predict(form, n_steps=N_STEPS):
        u, y, u_new, _ = (part[:n_steps] for part in series())
        reservoir, readout = reservoirpy_node(drawn, form), Ridge(ridge=ALPHA)
        model = (reservoir >> readout).fit(u, y, warmup=N_DROPPED)
        reservoir.reset()
        return model.run(u_new)

    forms = ("CSR", "dense")
    form = fastest({form: lambda i, form=form: fit_predict(form, 500) for form in forms})
    return Timed(lambda i: fit_predict(form), note=form)


@needs("echoes")
def echoes(drawn):
    from echoes import ESNRegressor

    W, (u, y, u_new, _) = drawn.matrix.toarray(), series()

    def fit_predict(i):
        esn = ESNRegressor(
            W=W, W_in=drawn.w_in, bias=drawn.bias, spectral_radius=0.9, regression_method="ridge",
            ridge_alpha=ALPHA, fit_only_states=True, n_transient=N_DROPPED,
        )  # fmt: skip
        return esn.fit(u, y).predict(u_new)

    return fit_predict


def setup(threads, n_units):
    W, (u, y, u_new, _) = links(n_units, 10), series()
    drawn = ReservoirStates(topology=W, random_state=0).fit(u[:2]).reservoir_

    def dlkit(i):
        esn = ESNForecaster(
            topology=W, passthrough=False, washout=N_DROPPED, alpha=ALPHA, random_state=0,
            n_jobs=threads, scaling=None,
        )  # fmt: skip
        return esn.fit(u, y).predict(u_new)

    return {"dlkit": dlkit, "echoes": echoes(drawn), "ReservoirPy": reservoirpy(drawn)}


def check(contenders, n_units):
    truth, columns = series()[-1][N_DROPPED:], {}
    for name, call in contenders.items():
        apart = np.reshape(call(0), (N_STEPS, 1))[N_DROPPED:] - truth
        columns[name] = {"NRMSE": f"{np.sqrt(np.mean(apart**2) / truth.var()):.1e}"}
    return columns


BENCHMARK = Benchmark(
    title="A one-step forecaster fitted to 5000 steps, and 5000 predictions",
    setup=setup,
    cases=[{"n_units": 200}, {"n_units": 500}],
    quick=[{"n_units": 100}],
    judged=[Ratio("echoes", 1), Ratio("ReservoirPy", 1)],
    check=check,
)
