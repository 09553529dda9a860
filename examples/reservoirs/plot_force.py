"""
Teach a chaotic network a tune
==============================

A reservoir with chaotic dynamics has its own output as its only input. The readout learns by
recursive least squares while this loop is closed [1]_. From the first steps on the output is near
the target. The corrections to the readout shrink, until the network produces the pattern by itself.

.. [1] Sussillo & Abbott (2009). Generating coherent patterns of activity from chaotic neural
   networks. Neuron 63(4), 544-557, fig. 2.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context

from dlkit import ReservoirStates, RLSReadout
from dlkit.metrics import nrmse

# %%
# The target: four sines in a period of 600 steps (60 time constants of a unit, at leak rate 0.1).

PERIOD = 600
before, learning, after = 2 * PERIOD, 6 * PERIOD, 4 * PERIOD
t = np.arange(before + learning + after) / PERIOD
sizes = {1: 1.3, 2: 0.65, 3: 0.43, 4: 0.33}
target = sum(size * np.sin(2 * np.pi * k * t + k) for k, size in sizes.items()) / 1.5

# %%
# The network: the one input channel is the network's own output, and ``spectral_radius=1.5`` makes
# the dynamics chaotic.

network = ReservoirStates(
    400, spectral_radius=1.5, leak_rate=0.1, input_scaling=1.0, bias_scaling=0.0, random_state=0
).fit(np.zeros((1, 1)))
readout = RLSReadout(alpha=1.0, fit_intercept=False)

# %%
# At each step the state is updated, the readout predicts, and only then the readout learns the true
# value. Before learning starts the output is zero, and the network gets no input.

states = np.empty((len(t), 400))
output, steps = np.zeros(len(t)), np.zeros(len(t))
state, z = np.random.RandomState(1).uniform(-0.5, 0.5, (1, 400)), 0.0
coef = np.zeros(400)
start = perf_counter()
with config_context(assume_finite=True, skip_parameter_validation=True):  # thousands of calls
    for i in range(len(t)):
        state = network.transform([[z]], initial_state=state)
        if i >= before:
            if i > before:
                z = readout.predict(state)[0]
            if i < before + learning and i % 2 == 0:
                readout.partial_fit(state, target[i : i + 1])
                steps[i] = np.linalg.norm(readout.coef_ - coef)
                coef = readout.coef_
        states[i], output[i] = state[0], z
alone = slice(before + learning, None)
print(
    f"{len(t)} steps in {perf_counter() - start:.1f} s; "
    f"NRMSE over {after // PERIOD} periods alone: {nrmse(target[alone], output[alone]):.4f}"
)

# %%
# Top: output and target before learning, while learning, and after, with fixed weights. Middle: the
# norm of each change of the readout's weights. Bottom: five of the units.

figure, axes = plt.subplots(
    3, 1, figsize=(10, 7), sharex=True, height_ratios=[3, 2, 3], layout="constrained"
)
axes[0].plot(t, target, color="0.6", linewidth=3, label="target")
axes[0].plot(t, output, color="C3", linewidth=1, label="output")
axes[0].set(ylabel="output", ylim=(-2.3, 2.4))
axes[0].legend(loc="lower right", ncols=2)
learned = slice(before, before + learning, 2)
axes[1].semilogy(t[learned], steps[learned], color="C0", linewidth=0.8)
axes[1].set(ylabel="change of the weights")
axes[2].plot(t, states[:, :5] * 0.45 + np.arange(5), color="0.2", linewidth=0.8)
axes[2].set(ylabel="units", xlabel="periods of the target", yticks=[], xlim=(t[0], t[-1]))
for axis in axes:
    axis.axvspan(before / PERIOD, (before + learning) / PERIOD, color="C0", alpha=0.08)
for x, text in ((0.1, "on its own"), (2.1, "learning"), (8.1, "plays alone, weights fixed")):
    axes[0].text(x, 2.05, text)
figure.savefig(Path("force.png"), dpi=120)
