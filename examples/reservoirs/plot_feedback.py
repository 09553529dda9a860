"""
Feed outputs back
=================

The task is a sine generator whose frequency an input sets [1]_. The reservoir gets the input and
the output of the step before. In training this output is the true one, so that training is an
ordinary regression ("teacher forcing"). In prediction the output is the model's own, with errors
that the model never saw in training. Three remedies are compared: noise on the states in training;
training again with the model's own outputs at a growing share of the steps ("scheduled sampling");
and both.

.. [1] Jaeger (2002). A tutorial on training recurrent neural networks, GMD report 159, section 8.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ESNForecaster
from dlkit.metrics import nrmse
from dlkit.reservoir import Feedback

# %%
# The input steps from level to level and is slightly smoothed. The phase of the target advances by
# an amount that depends on the input.

rng = np.random.RandomState(0)
n_train, n_test = 5000, 1200
levels = np.repeat(rng.uniform(0, 1, (n_train + n_test) // 100), 100)
window = np.hanning(31)
control = np.convolve(levels, window / window.sum(), "same")[:, None]
target = np.sin(np.cumsum(0.1 + 0.3 * control[:, 0]))

# %%
# Four ways to train the same reservoir. The prediction continues where
# training ended, with the last true output. From there on each output of the model is its next
# input.

FORMS = {
    "forced": {"feedback": True},
    "forced, with noise": {"feedback": True, "noise": 1e-3},
    "mixed": {"feedback": Feedback(sampling_ratios=[0.25, 0.5, 0.75])},
    "mixed, with noise": {"feedback": Feedback(sampling_ratios=[0.25, 0.5, 0.75]), "noise": 1e-3},
}
outputs = {}
for name, options in FORMS.items():
    start = perf_counter()
    esn = ESNForecaster(
        200, leak_rate=0.5, input_scaling=1.0, bias_scaling=0.5, passthrough=False, washout=100,
        alpha=1e-6, random_state=0, **options, scaling=None,
    ).fit(control[:n_train], target[:n_train])  # fmt: skip
    outputs[name] = esn.predict(control[n_train:])
    error = nrmse(target[n_train:, None], outputs[name][:, None])
    print(f"{name}: NRMSE {error:.3g} over {n_test} free steps, {perf_counter() - start:.1f} s")

# %%
# The outputs of the four models. With teacher forcing alone, small errors grow until the output is
# far from everything in the training data. With noise alone the oscillation goes on, but not at the
# right amplitude.

fig, axes = plt.subplots(5, 1, figsize=(9, 8), sharex=True, constrained_layout=True)
axes[0].plot(control[n_train:], color="tab:green")
axes[0].set_ylabel("input")
for ax, (name, output) in zip(axes[1:], outputs.items(), strict=True):
    ax.plot(target[n_train:], color="0.75", lw=2.5, label="target")
    ax.plot(output, color="tab:red", lw=1.0, label="output")
    ax.set_ylim(-1.6, 1.6)
    error = nrmse(target[n_train:, None], output[:, None])
    ax.set_title(f"{name}: NRMSE {error:.2g}", loc="left", fontsize=10)
axes[1].legend(loc="upper right", ncols=2, fontsize=8)
axes[-1].set_xlabel("steps after training")
axes[-1].set_xlim(0, n_test)
fig.savefig(Path("feedback.png"), dpi=120)
