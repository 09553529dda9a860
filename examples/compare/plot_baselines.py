"""
Compare baselines on your own data
==================================

``compare_baselines`` ranks pipelines on the same folds, beside the naive answer, a plain ridge and
an ensemble of trees, within a budget of seconds. Here it is given utterances of a vowel, sequences
of several lengths, and is asked which of nine speakers each is of.
"""

from dlkit import compare_baselines
from dlkit.datasets import load_japanese_vowels

# %%
# The form of the data tells what samples are: a list of arrays of several lengths holds sequences.
# ``models="fast"`` leaves out what takes long; rows are printed as they are known.

X, y = load_japanese_vowels(subset="train", return_X_y=True)
table = compare_baselines(X, y, models="fast", cv=3, budget=100, n_jobs=2)
print(table)

# %%
# Each row can be had as an unfitted pipeline, and as the code that makes it.

table.explain("MiniRocket")
print(table.best())

# %%
# Bars show one deviation over the folds; strokes are folds.

table.plot()
