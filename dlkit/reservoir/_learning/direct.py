"""Forecasts of a readout that tells several steps ahead at once, block by block."""

import numpy as np

from ...sequences import Sequences

__all__ = ["forecast_blocks"]


def forecast_blocks(
    driver, readout, n_steps, n_ahead, states, inputs, *, known=None, increments=False
):
    """Steps to come: up to ``n_ahead`` from the last state, and so on from the end of each block.

    Parameters
    ----------
    driver : Driver
        Runs the reservoir.
    readout : estimator
        Fitted to targets of ``n_ahead`` steps, side by side.
    n_steps : int
        Steps to forecast.
    n_ahead : int
        Steps of a block.
    states : ndarray of shape (n_series, n_state)
        After the last steps that are known; left as they are.
    inputs : ndarray of shape (n_series, n_channels)
        These steps.
    known : ndarray of shape (n_series, n_steps - 1, n_known), default=None
        The last channels of the steps to come, if covariates are among the channels.
    increments : bool, default=False
        Whether the readout tells how steps differ from the last that is known.

    Returns
    -------
    future : ndarray of shape (n_series, n_steps, n_outputs)
    """
    free = np.arange(inputs.shape[1])[driver.roles.free]
    n, states = len(states), np.array(states)
    future = np.empty((n, n_steps, len(free)), dtype=states.dtype)
    for start in range(0, n_steps, n_ahead):
        rows = driver.drawn.read(states)
        if driver.passthrough:
            rows = np.hstack([rows, inputs[:, driver.roles.driving]])
        if not np.isfinite(rows).all():  # which readouts refuse
            future[:, start:] = np.nan
            break
        block = np.asarray(readout.predict(rows)).reshape(n, n_ahead, len(free))
        if increments:
            block = block + inputs[:, None, free]
        stop = min(start + n_ahead, n_steps)
        future[:, start:stop] = block[:, : stop - start]
        if stop == n_steps:
            break
        steps = np.repeat(inputs[:, None], n_ahead, axis=1)  # a context stays what it is
        steps[:, :, free] = block
        if known is not None:
            steps[:, :, steps.shape[2] - known.shape[2] :] = known[:, start:stop]
        offsets = np.arange(n + 1, dtype=np.int64) * n_ahead
        driver.run(Sequences(steps.reshape(-1, steps.shape[2]), offsets, "cube"), states=states)
        inputs = steps[:, -1]
    return future
