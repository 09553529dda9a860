"""135 chaotic flows: how long closed-loop forecasts stay valid, by one configuration for all.

    python benchmarks/accuracy/chaos.py            # all
    python benchmarks/accuracy/chaos.py --quick    # six of them
    python benchmarks/accuracy/chaos.py --part 0 3 # every third, from number 0 on

The systems of the package dysts (Gilpin, NeurIPS 2021), with its equations, parameters, initial
values, periods and largest Lyapunov exponents. The package is downloaded but not installed: the
equations are run from its file `flows.py`, and SciPy integrates (LSODA, relative tolerance 1e-9;
delay equations by Runge-Kutta with steps of a tenth of a sample or less). Thirty samples a period,
without noise, after twenty periods of transient. Coordinates that grow without bound are mapped as
the package says. The delay equations are seen as one channel. `StickSlipOscillator` slides along
the jump of its friction, where no step is small enough; a steep slope stands for the jump.

A thousand samples to learn from. Then five starts in what follows: a hundred steps teacher forced
from rest, and a forecast that is valid while the root mean square of the errors of all channels, in
standard deviations of the training part, is at most 0.4. Valid times are in Lyapunov times, of at
most fifteen or a thousand steps. A system's valid time is the median of its five.

- dlkit's ESN: 200 units; spectral radius and input scaling out of a grid of nine, alpha of nine.
  What is chosen forecasts segments of the training part best (`readout_.best_score_`).
- dlkit's NVAR: number of delays and orders out of five pairs, in the same way.
- ReservoirPy: the ESN of its documentation, `ESN(sr=1.25, lr=0.3, ridge=1e-5)`, with the default
  100 units and with 200, on data standardised by the training part.
- Persistence: the last value.
"""

import argparse
import importlib.util
import json
import sys
import time
import types
import warnings
from unittest import mock

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import cache_folder, fetch
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicHermiteSpline
from sklearn.model_selection import GridSearchCV

from dlkit import ESNForecaster, NVARForecaster, ReservoirSearchCV
from dlkit.exceptions import ForecastWarning
from dlkit.metrics import valid_time

PER_PERIOD, N_SETTLE, N_TRAIN, N_WARM, N_STARTS = 30, 600, 1000, 100, 5
MOST_TIMES, MOST_STEPS, THRESHOLD = 15, 1000, 0.4
ASKED, QUICK = 1.5, ("Lorenz", "Rossler", "MackeyGlass", "DoublePendulum", "HyperQi", "Lorenz96")
N_UNITS, ALPHAS = 200, np.logspace(-14, 2, 9)
GRID = {"spectral_radius": [0.1, 0.4, 0.9], "input_scaling": [0.05, 0.2, 0.8]}
NVAR_GRID = [
    {"n_delays": [1], "order": [2, (2, 3)]},
    {"n_delays": [2], "order": [2, (2, 3)]},
    {"n_delays": [3], "order": [2]},
]
MOST_PRODUCTS = 400
SLIDING, SLOPE = ("StickSlipOscillator",), 1e-3  # width of the slope, in units of the velocity


def load_flows():
    """Classes of `flows.py`, run with stand-ins for what it imports, and the package's JSON."""
    flows, attractors = fetch("dysts")
    stand_in = types.ModuleType("dysts_equations.base")
    stand_in.DynSys = type("DynSys", (), {})
    stand_in.DynSysDelay = type("DynSysDelay", (), {"delayed": True})
    stand_in.staticjit = staticmethod
    package = types.ModuleType("dysts_equations")
    package.__path__ = []
    sys.modules |= {"dysts_equations": package, "dysts_equations.base": stand_in}
    spec = importlib.util.spec_from_file_location("dysts_equations.flows", flows)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, json.loads(attractors.read_text())


class SlopedSigns:
    """NumPy, but for a sign that is a slope at zero."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def sign(x):
        """Sign of a number, but for numbers near zero."""
        return np.tanh(x / SLOPE)


def trajectory(module, name, facts, n):
    """Samples (n, C) of a system after its transient, from the cache if they are there."""
    path = cache_folder() / "dysts" / f"{name}_{n}.npy"
    if path.exists():
        return np.load(path)
    system = getattr(module, name)()
    given = {k: np.array(v) if isinstance(v, list) else v for k, v in facts["parameters"].items()}
    vars(system).update(given)
    parameters = [given[key] for key in sorted(given)]
    begin = np.atleast_1d(np.array(facts["initial_conditions"], dtype=float))
    times = facts["period"] / PER_PERIOD * np.arange(N_SETTLE + n)
    if getattr(system, "delayed", False):
        found = delayed(system, parameters, begin[0], times)
    else:

        def flow(t, x):
            if hasattr(system, "rhs"):
                return system.rhs(x, t)
            return np.asarray(system._rhs(*x, t, *parameters), dtype=float)

        numpy = SlopedSigns() if name in SLIDING else np
        with np.errstate(all="ignore"), mock.patch.object(module, "np", numpy):
            solved = solve_ivp(
                flow, times[[0, -1]], begin, t_eval=times, method="LSODA", rtol=1e-9, atol=1e-10
            )
        found = solved.y.T
        if hasattr(system, "_postprocessing"):
            found = np.stack(system._postprocessing(*found.T), axis=1)
    found = np.asarray(found[N_SETTLE:], dtype=float)
    np.save(path, found)
    return found


def delayed(system, parameters, begin, times):
    """Solution (n, 1) of a scalar delay equation from a constant past, by Runge-Kutta."""
    tau, sample = float(system.tau), times[1]
    per_sample = 10
    n_lag = int(np.ceil(tau / (sample / per_sample)))
    h = tau / n_lag  # the delay is a whole number of steps; samples are interpolated
    n = int(times[-1] / h) + 2
    x, rates = np.full(n_lag + n + 1, float(begin)), np.zeros(n_lag + n + 1)

    def rate(now, past):
        return float(system._rhs(now, past, 0.0, *parameters))

    for i in range(n_lag, n_lag + n):
        j = i - n_lag
        a, b = x[j], x[j + 1]
        middle = (a + b) / 2 + h / 8 * (rates[j] - rates[j + 1])  # cubic, by both rates
        k1 = rate(x[i], a)
        rates[i] = k1
        k2 = rate(x[i] + h / 2 * k1, middle)
        k3 = rate(x[i] + h / 2 * k2, middle)
        k4 = rate(x[i] + h * k3, b)
        x[i + 1] = x[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return CubicHermiteSpline(h * np.arange(n + 1), x[n_lag:], rates[n_lag:])(times)[:, None]


def in_loop(fitted, X, y=None):
    """Score of a fit: minus the error of its forecasts of segments of the training part."""
    return fitted.readout_.best_score_


def whole(X):
    """The one split there is: all rows are learned from, and looked at."""
    return [(np.arange(len(X)), np.arange(len(X)))]


def esn(train):
    model = ESNForecaster(N_UNITS, washout=N_WARM, alpha=ALPHAS, random_state=0)
    search = ReservoirSearchCV(model, GRID, scoring=in_loop, cv=whole(train))
    return search.fit(train).best_estimator_


def nvar(train):
    n_channels = train.shape[1]
    grid = [one for one in NVAR_GRID if (one["n_delays"][0] * n_channels) ** 2 <= 2 * MOST_PRODUCTS]
    grid = [
        one | {"order": [2]} if (one["n_delays"][0] * n_channels) ** 3 > 6 * MOST_PRODUCTS else one
        for one in grid
    ]
    search = GridSearchCV(NVARForecaster(), grid, scoring=in_loop, cv=whole(train))
    return search.fit(train).best_estimator_


def reservoirpy(train, units):
    """Fitted ESN of ReservoirPy, as a function of (n_ahead, pieces)."""
    from reservoirpy import ESN, set_seed

    set_seed(0)
    mean, spread = train.mean(axis=0), train.std(axis=0)
    z = (train - mean) / spread
    model = ESN(units=units, sr=1.25, lr=0.3, ridge=1e-5).fit(z[:-1], z[1:], warmup=N_WARM)

    def forecast(n_ahead, pieces):
        out = np.empty((len(pieces), n_ahead, z.shape[1]))
        for i, piece in enumerate((pieces - mean) / spread):
            model.reset()
            out[i, 0] = model.run(piece)[-1]
            for t in range(1, n_ahead):
                out[i, t] = model.step(out[i, t - 1])
        return out * spread + mean

    return forecast


def contenders(train):
    """Names, and how each fits and forecasts."""

    def ours(fit):
        def make():
            fitted = fit(train)
            return lambda n, pieces: fitted.forecast(n, pieces, initial_state="rest")

        return make

    return {
        "ESN": ours(esn),
        "NVAR": ours(nvar),
        "ReservoirPy, 100 units": lambda: reservoirpy(train, 100),
        "ReservoirPy, 200 units": lambda: reservoirpy(train, N_UNITS),
        "persistence": lambda: lambda n, pieces: np.repeat(pieces[:, -1:], n, axis=1),
    }


def measure(x, exponent, sample):
    """Median valid times, seconds, and forecasts that diverged told and untold, by contender."""
    train = x[:N_TRAIN]
    n_ahead = n_steps_ahead(exponent, sample)
    starts = np.linspace(N_TRAIN, len(x) - N_WARM - n_ahead, N_STARTS).astype(int)
    pieces = np.stack([x[s : s + N_WARM + n_ahead] for s in starts])
    spread = train.std(axis=0)
    spread[spread == 0] = 1.0
    width, found = np.ptp(train, axis=0), {}
    for name, make in contenders(train).items():
        began = time.process_time()
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            ahead = make()(n_ahead, pieces[:, :N_WARM])
        seconds = time.process_time() - began
        told = any(issubclass(one.category, ForecastWarning) for one in caught)
        away = np.maximum(ahead - train.max(axis=0), train.min(axis=0) - ahead)
        wild = ~(away < 9.99 * width).all(axis=(1, 2))
        options = {"threshold": THRESHOLD, "dt": sample, "lyapunov_exponent": exponent}
        options["scale"] = np.sqrt(x.shape[1])
        times = [
            valid_time(truth / spread, guess / spread, **options)
            for truth, guess in zip(pieces[:, N_WARM:], ahead, strict=True)
        ]
        found[name] = np.median(times), seconds, wild.any() and told, wild.any() and not told
    return found


def n_steps_ahead(exponent, sample):
    """Steps that are forecast."""
    return int(np.clip(MOST_TIMES / (exponent * sample), 150, MOST_STEPS))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="six systems")
    parser.add_argument(
        "--part", nargs=2, type=int, default=(0, 1), help="first, and every how many"
    )
    args = parser.parse_args()
    limit_threads(1)  # the matrices are small
    print_protocol(__doc__)
    module, facts = load_flows()
    names = QUICK if args.quick else sorted(facts)[args.part[0] :: args.part[1]]
    results, began = {}, time.perf_counter()
    for name in names:
        sample, exponent = (
            facts[name]["period"] / PER_PERIOD,
            facts[name]["maximum_lyapunov_estimated"],
        )
        n = N_TRAIN + N_WARM + n_steps_ahead(exponent, sample) + 1000
        x = trajectory(module, name, facts[name], n)
        if len(x) < n or not np.isfinite(x).all():
            print(f"{name}: {len(x)} of {n} samples: not integrated", flush=True)
            continue
        results[name] = measure(x, exponent, sample)
        line = ", ".join(f"{who} {one[0]:.2f}" for who, one in results[name].items())
        print(f"{name}: {line}", flush=True)
    whos, rows, medians = list(next(iter(results.values()))), [], {}
    for who in whos:
        every = np.array([one[who] for one in results.values()], dtype=float)
        quartiles = np.percentile(every[:, 0], [25, 50, 75])
        medians[who] = quartiles[1]
        best = np.mean(
            [max(one, key=lambda w, one=one: one[w][0]) == who for one in results.values()]
        )
        rows.append(
            (who, *quartiles, f"{100 * best:.0f} %", *every[:, 2:].sum(axis=0).astype(int),
             np.median(every[:, 1]))
        )  # fmt: skip
    header = ("forecaster", "25 %", "median", "75 %", "longest in", "diverged, told", "untold", "s")
    print(f"\nValid times in Lyapunov times, {len(results)} systems:\n{table(header, rows)}")
    print(f"\n{time.perf_counter() - began:.0f} s")
    peer = max(medians[who] for who in whos if who.startswith("ReservoirPy"))
    what = f"chaos, {len(results)} systems, median valid time"
    summary(f"{what}, ESN over ReservoirPy", f"≥ {ASKED}", f"{medians['ESN'] / peer:.2f}",
            medians["ESN"] >= ASKED * peer)  # fmt: skip
    untold = sum(rows[i][6] for i, who in enumerate(whos) if who in ("ESN", "NVAR"))
    summary("chaos, systems that dlkit diverged on unannounced", "0", f"{untold}", untold == 0)
    summary("chaos, systems", "135", f"{len(results)}", len(results) == 135)


if __name__ == "__main__":
    main()
