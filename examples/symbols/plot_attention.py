"""
Watch attention while a model writes
====================================

A pair of reservoirs, joined by attention, learns to reverse words, to say each letter twice,
and to leave out every other one. The picture shows which letter of the input each output came from.
"""

# %%
# Three tasks on the same words. No gradient flows through the reservoirs: which position an output
# needs is found by expectation-maximisation, and everything else by least squares.

import matplotlib.pyplot as plt
import numpy as np

from dlkit.plotting import AttentionDisplay
from dlkit.symbols import Seq2SeqESN

rng = np.random.RandomState(0)
words = ["".join(rng.choice(list("abcdefgh"), n)) for n in rng.randint(2, 9, 500)]
tasks = {
    "reverse": lambda word: word[::-1],
    "each letter twice": lambda word: "".join(letter + letter for letter in word),
    "every other letter": lambda word: word[::2],
}
models = {}
for name, task in tasks.items():
    model = Seq2SeqESN(80, decoder_units=50, random_state=0)
    models[name] = model.fit(words[:400], [task(word) for word in words[:400]])
    written = model.predict(words[400:])
    right = np.mean([out == task(word) for out, word in zip(written, words[400:], strict=True)])
    print(f"{name:20} {right:.0%} of new words right, e.g. {model.predict(['cabbage'])[0]}")

# %%

figure, axes = plt.subplots(1, 3, figsize=(12, 4.6), layout="constrained")
for ax, (name, model) in zip(axes, models.items(), strict=True):
    AttentionDisplay.from_estimator(model, "cabbage", ax=ax)
    ax.set_title(name)
plt.show()
