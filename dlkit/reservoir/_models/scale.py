"""Whether inputs and states are of a size that a reservoir can work with."""

from dataclasses import replace

import numpy as np

from ..._announce import announce
from ..._jit.activations import ACTIVATIONS
from ...exceptions import DivergenceWarning, SaturationWarning, ScalingWarning
from ...sequences import Sequences
from .._cells.kinds import DeepTransition, Leaky, Legendre

# Slope of the activation, to that at zero, below which a unit hardly hears what enters it.
FLAT = 0.01
# Share of saturated outputs that is announced.
MOST = 0.75
# What enters the units from outside is too little below the first, and too much above the second.
FAINT, LOUD = 1e-6, 1e4
# What saturates a unit, or leaves its gates open or shut, whatever else enters: at times, for good.
STRONG, SHUT = 3, 100
# Steps of all data, and of the longest sequence, that tell what inputs are like.
ENOUGH = 200, 20
MEND = "Standardise X, by PerStep(StandardScaler()) say"
# Products of inputs above which float64 tells the smaller features apart no more.
LARGEST_PRODUCT = 1e10
# States that are so many times as large as the inputs have lost their digits to growth.
GROWN = 1e12
# How many stretches of the data are looked at, and how many steps of each.
STRETCHES, STEPS = 8, 12


def sample_of(batch):
    """A few short stretches of a batch, from all over it, as a batch of their own."""
    starts = np.unique(np.linspace(0, len(batch.values) - 1, STRETCHES).astype(np.int64))
    ends = batch.offsets[np.searchsorted(batch.offsets, starts, side="right")]
    stops = np.minimum(starts + STEPS, ends)
    values = np.concatenate([batch.values[a:b] for a, b in zip(starts, stops, strict=True)])
    offsets = np.concatenate([[0], np.cumsum(stops - starts)])
    return Sequences(values, offsets, "list")


def check_scale(drawn, inputs, enough, mend=MEND, most=MOST):
    """Warn where a reservoir hears too little or too much of its inputs.

    Parameters
    ----------
    drawn : Reservoir, DeepReservoir, Monomials or the like
        What is run; nothing is said of what has no input weights.
    inputs : Sequences
        A sample of what enters, without outputs that are fed back.
    enough : bool
        Whether the sample is of data that tell what the inputs are like; of fewer only what is
        plain is announced.
    mend : str, default=MEND
        How inputs are brought to size, for messages.
    most : float, default=MOST
        Share of saturated outputs that is announced.
    """
    u = inputs.values.astype(np.float64)
    largest = np.abs(u).max()
    if hasattr(drawn, "orders"):
        order = max(drawn.orders)
        if 0 < largest < FAINT or largest > LARGEST_PRODUCT ** (1 / order):
            so = f"products up to order {order} differ too much in size"
            _blame_size(largest, so, mend)
        return
    layers = getattr(drawn, "layers", (drawn,))
    first = layers[0]
    if not hasattr(first, "w_in"):
        return
    heard = u @ first.w_in[:, : u.shape[1]].T
    loudest = np.abs(heard).max()
    near = f", or set input_scaling near {1 / largest:.1g}" if largest else ""
    if 0 < loudest < FAINT:
        _blame_size(largest, "next to nothing of them reaches the units", mend + near)
        return
    if first.activation not in ("tanh", "logistic"):
        if loudest > LOUD:
            _blame_size(largest, f"what enters the units reaches {loudest:.2g}", mend + near)
        return
    strength = max(layer.recurrent.spectral_radius for layer in layers)
    if np.mean(np.abs(heard) + np.abs(first.bias) > 1) < 0.5 and strength < STRONG:
        return  # which cannot saturate most units
    fed = np.zeros((len(u), drawn.n_channels - u.shape[1]))
    whole = np.hstack([inputs.values, fed.astype(inputs.values.dtype)])
    sample = Sequences(whole, inputs.offsets, "list")
    share = np.max(saturated_share(drawn, sample, drawn.rest(len(sample), whole.dtype)))
    with np.errstate(over="ignore"):  # infinity is above all bounds
        plain = np.median(heard.std(axis=0)) > STRONG or np.median(np.abs(heard)) > SHUT
    if share > most and (enough or plain or strength > STRONG):
        announce(
            f"{share:.0%} of the outputs of the units are saturated, so that they hardly change "
            f"with the input: X holds numbers up to {largest:.2g}, and W has a spectral_radius of "
            f"up to {strength:.2g}. {mend}, or lower input_scaling, bias_scaling or "
            "spectral_radius.",
            SaturationWarning,
        )
    elif np.median(np.abs(heard)) > SHUT:
        so = "gates of the units are open or shut whatever else enters"
        _blame_size(largest, so, mend + near)


def _blame_size(largest, so, mend):
    announce(f"X holds numbers up to {largest:.2g}: {so}. {mend}.", ScalingWarning)


def saturated_share(drawn, batch, states, washout=0):
    """Share of outputs whose activation is so flat that they hardly hear what enters.

    Of ``activation="relu"`` the share of units that put out zero at all steps.

    Parameters
    ----------
    drawn : Reservoir or DeepReservoir
        What is run.
    batch : Sequences
        What enters.
    states : ndarray of shape (n_sequences, n_state)
        Where each sequence begins; overwritten.
    washout : int, default=0
        First steps of each sequence that do not count.

    Returns
    -------
    share : float or ndarray of shape (n_layers,)
        Of several layers, the share of each; NaN under an activation of the user's own.
    """
    if hasattr(drawn, "layers"):
        drawn = replace(drawn, read_last=False)
    dtype, layers = states.dtype, getattr(drawn, "layers", (drawn,))
    rows, begin = np.empty((len(batch.values), drawn.n_features), dtype=dtype), drawn.read(states)
    before = np.empty_like(rows)
    before[batch.offsets[:-1]] = begin
    drawn.lanes(dtype).run(batch, None, states=states, out=rows)
    within = np.arange(len(rows)) - np.repeat(batch.offsets[:-1], batch.lengths)
    before[within > 0] = rows[:-1][within[1:] > 0]
    kept, ends = within >= washout, np.cumsum([layer.n_units for layer in layers])
    shares = []
    for layer, end in zip(layers, ends, strict=True):
        own = slice(end - layer.n_units, end)
        values = _activated(layer, before[kept, own], rows[kept, own])
        shares.append(_flat_share(layer.activation, values))
    return np.array(shares) if hasattr(drawn, "layers") else float(shares[0])


def _activated(reservoir, before, after):
    """What the activation gave at each step, as far as states tell; else what units put out."""
    n = reservoir.cell.n_memory  # linear units of a memory come first
    before, after = before[:, n:], after[:, n:]
    if not isinstance(reservoir.cell.kind, (Leaky, DeepTransition, Legendre)):
        return after
    a = np.broadcast_to(reservoir.leak_rate, reservoir.n_units)[n:]
    return (after - (1 - a) * before) / a


def _flat_share(activation, values):
    if not isinstance(activation, str):
        return np.nan
    slope = ACTIVATIONS[activation].slope(values)
    if activation == "relu":
        return (slope == 0).all(axis=0).mean()
    steepest = 0.25 if activation == "logistic" else 1.0
    return (slope < FLAT * steepest).mean()


def check_growth(found, values, what="states"):
    """Warn where states, or features of them, have outgrown what entered; refuse those far beyond.

    Parameters
    ----------
    found : ndarray
        States or features.
    values : ndarray
        What entered.
    what : str, default="states"
        What messages call them.
    """
    most = float(max(found.max(), -found.min())) if found.size else 0.0
    if most <= GROWN:
        return
    size, limit = float(max(values.max(), -values.min())), np.finfo(found.dtype).max
    if np.isfinite(most) and most <= GROWN * size:
        return
    if not np.isfinite(most) and size > limit**0.5:
        raise ValueError(
            f"The {what} are not finite: X holds numbers up to {size:.2g}, whose squares are "
            f"beyond {found.dtype}. Scale X, by PerStep(StandardScaler()) say."
        )
    message = (
        f"The states of the reservoir grow without bound: its {what} reach {most:.2g} for X of up "
        f"to {size:.2g}. Use a smaller spectral_radius, or activation='tanh'."
    )
    if not most <= max(GROWN, limit**0.125) * max(size, 1.0):
        raise ValueError(message)
    announce(message, DivergenceWarning)
