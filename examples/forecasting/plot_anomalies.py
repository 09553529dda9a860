"""
Find anomalies in a series
==========================

A detector forecasts each hour from the hours before it. Hours that no forecast foresaw are called
out: bursts, a dead meter, and a night that looks like a day.
"""

# %%
# Ten weeks of demand, of which the last two have three things wrong with them.

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ForecastDetector

rng = np.random.RandomState(3)
hour = np.arange(24 * 70)
demand = 40 + 9 * np.sin(2 * np.pi * hour / 24) + rng.normal(size=len(hour))
known, new = demand[: 24 * 56], demand[24 * 56 :].copy()
faults = {"burst": slice(50, 55), "dead meter": slice(140, 152), "day at night": slice(250, 256)}
new[faults["burst"]] += 7 * rng.choice([-1, 1], 5)
new[faults["dead meter"]] = new[139]
new[faults["day at night"]] += 10

# %%
# ``false_alarms`` is the share of ordinary hours that one is willing to look at.

detector = ForecastDetector(window=24, smooth=3, false_alarms=0.005).fit(known)
alarm = detector.predict(new) == -1
for name, rows in faults.items():
    print(f"{name:13} {alarm[rows].mean():4.0%} of the hours called out")
ordinary = np.ones(len(new), dtype=bool)
for rows in faults.values():
    ordinary[rows.start - 2 : rows.stop + 2] = False
print(f"of ordinary hours {alarm[ordinary].mean():.1%}")

# %%
# The score is the logarithm of a p-value: how rare so large an error was before.

figure, (top, bottom) = plt.subplots(2, sharex=True, figsize=(9, 5), layout="constrained")
top.plot(new, color="#8C8C8C", lw=1, label="demand")
top.plot(np.flatnonzero(alarm), new[alarm], "o", ms=4, color="#D55E00", label="alarm")
for name, rows in faults.items():
    top.axvspan(rows.start, rows.stop, color="#56B4E9", alpha=0.3, lw=0)
    top.text(rows.start, 60, name, color="#0072B2")
top.set(ylabel="demand", ylim=(25, 64))
top.legend(loc="lower right", ncols=2, frameon=False)
bottom.plot(detector.score_samples(new), color="#0072B2", lw=1)
bottom.axhline(detector.offset_, color="#D55E00", ls="--", lw=1, label="threshold")
bottom.set(xlabel="hour", ylabel="log p-value")
bottom.legend(loc="lower right", frameon=False)
plt.show()
