"""The same work by other libraries: each function returns a contender, or None if not installed."""

from functools import wraps
from importlib.util import find_spec

import numpy as np
from _timing import Timed, alternate
from scipy.sparse import csr_array

TRIAL_STEPS, TRIAL_SEQUENCES = 200, 20


def installed(module):
    """Whether a package is there."""
    return find_spec(module) is not None


def needs(module):
    """Return None instead of calling a function whose package is not installed."""

    def decorate(function):
        @wraps(function)
        def call(*args, **kwargs):
            return function(*args, **kwargs) if installed(module) else None

        return call

    return decorate


def reservoirpy_node(drawn, form="CSR"):
    """ReservoirPy's node with the matrices of a drawn dlkit reservoir.

    ``form``: W as "CSR" or "dense" and W_in dense, or "its own", which is what ReservoirPy makes
    when it draws them itself: both are CSR.
    """
    from reservoirpy.nodes import Reservoir

    W = csr_array(drawn.matrix)
    w_in = csr_array(drawn.w_in) if form == "its own" else drawn.w_in
    return Reservoir(
        W=W.toarray() if form == "dense" else W, Win=w_in, bias=drawn.bias, lr=drawn.leak_rate
    )


def _run(node, u, workers=1):
    if node.initialized:
        node.reset()  # its state is carried from call to call otherwise
    return node.run(u, workers=workers)


def _run_each(node, sequences):
    """Do as its tutorial does with sequences: one `run` and one `reset` for each."""
    states = []
    for u in sequences:
        states.append(node.run(u))
        node.reset()
    return states


def fastest(calls):
    """Name of the call that took least in three rounds."""
    seconds = alternate(calls, rounds=3)
    return min(calls, key=lambda name: seconds[name].min())


@needs("reservoirpy")
def reservoirpy_own(drawn, u, then=lambda states: states, times=1.0):
    """ReservoirPy with matrices as it draws them and, for sequences, as its tutorial has it."""
    node = reservoirpy_node(drawn, "its own")
    run = _run_each if isinstance(u, list) else _run
    return Timed(lambda i: then(run(node, u)), times)


@needs("reservoirpy")
def reservoirpy_dense(drawn, u, share=1):
    """ReservoirPy with W as an array, as its user guide shows it; the first of ``share`` parts."""
    node, part = reservoirpy_node(drawn, "dense"), u[: len(u) // share]
    return Timed(lambda i: _run(node, part), share, f"a {share}th part" if share > 1 else "")


@needs("reservoirpy")
def reservoirpy_fastest(drawn, u, threads, then=lambda states: states, times=1.0):
    """ReservoirPy in the form, and with the number of workers, that a trial finds fastest."""
    trial = u[:TRIAL_SEQUENCES] if isinstance(u, list) else u[:TRIAL_STEPS]
    nodes = {form: reservoirpy_node(drawn, form) for form in ("CSR", "dense")}
    form = fastest({form: lambda i, node=nodes[form]: _run(node, trial) for form in nodes})
    node, workers = nodes[form], 1
    if isinstance(u, list) and threads > 1:
        workers = fastest({n: lambda i, n=n: _run(node, u, n) for n in (1, threads)})
    note = f"{form}, {workers} workers" if workers > 1 else form
    return Timed(lambda i: then(_run(node, u, workers)), times, note)


@needs("reservoir_computing")
def bianchi(drawn, X, pooling, form):
    """Features of sequences by the package reservoir-computing, with the same matrices.

    ``form``: W as "dense", as it draws it itself, or "CSR", which its code happens to take.
    """
    from reservoir_computing.modules import RC_model
    from reservoir_computing.reservoir import Reservoir

    if drawn.leak_rate != 1.0 or drawn.bias.any():
        raise ValueError("reservoir-computing has no bias, and a leak of another formula")
    reservoir = Reservoir(drawn.n_units)
    W = csr_array(drawn.matrix)
    reservoir._input_weights = drawn.w_in
    reservoir._internal_weights = W if form == "CSR" else W.toarray()

    def features(i):
        model = RC_model(reservoir=reservoir, mts_rep=pooling, readout_type=None)
        model.fit(X, verbose=False)
        return model.input_repr

    return features


def one_hot(y):
    """Labels as rows of zeros and a one."""
    return (np.asarray(y)[:, None] == np.unique(y)).astype(float)


def rocket_peer(name, **parameters):
    """One of aeon's transformers of the ROCKET family."""
    import aeon.transformations.collection.convolution_based as aeon

    return getattr(aeon, "HydraTransformer" if name == "Hydra" else name)(**parameters)


def quant_peer(**parameters):
    """The transformer of QUANT that aeon has."""
    from aeon.transformations.collection.interval_based import QUANTTransformer

    return QUANTTransformer(**parameters)


def rocket_kernels(name, peer):
    """Kernels of a fitted one of aeon's, as the estimator of dlkit holds them.

    aeon's code, like the authors', lets MultiRocket's kernels on differences read the channels
    drawn for the series.
    """
    whole = {"Rocket": _of_rocket, "Hydra": _of_hydra}
    if name in whole:
        return whole[name](peer)
    if name == "MiniRocket":
        return _of_minirocket(peer.parameters, peer.parameters)
    first = _of_minirocket(peer.parameter, peer.parameter)
    return first, _of_minirocket(peer.parameter1, peer.parameter, lead=1)


def _of_rocket(peer):
    from dlkit._jit.rocket import RocketKernels

    weights, lengths, biases, dilations, paddings, sizes, channels = peer.kernels
    starts = np.concatenate([[0], np.cumsum(sizes)])
    lengths, dilations, starts, channels = (
        a.astype(np.int64) for a in (lengths, dilations, starts, channels)
    )
    return RocketKernels(lengths, dilations, paddings > 0, biases, starts, channels, weights)


def _of_minirocket(own, of_channels, lead=0):
    from dlkit._jit.minirocket import MiniRocketKernels
    from dlkit.rocket._minirocket import TAPS

    dilations, n_biases, biases = own[-3:]
    n = len(TAPS) * len(dilations)
    several = len(of_channels) == 5
    sizes, channels = of_channels[:2] if several else (np.ones(n), np.zeros(n))
    starts = np.concatenate([[0], np.cumsum(sizes[:n])]).astype(np.int64)
    dilations, n_biases, channels = (
        a.astype(np.int64) for a in (dilations, n_biases, channels[: starts[-1]])
    )
    return MiniRocketKernels(TAPS, dilations, n_biases, biases, starts, channels, lead)


def _of_hydra(peer):
    from dlkit._jit.hydra import HydraKernels
    from dlkit.rocket._hydra import in_lanes

    own = peer._hydra
    dilations = own.dilations.numpy().astype(np.int64)
    weights = own.W.numpy().reshape(len(dilations), own.divisor, own.h, own.k, 9)
    channels = np.array([each.numpy() for each in own.idx])
    if not channels.any():  # one channel: aeon draws it more than once, and does not add it up
        channels = channels[..., :1]
    return tuple(
        HydraKernels(dilations, in_lanes(weights[:, i]), np.ascontiguousarray(channels[:, i]))
        for i in range(own.divisor)
    )
