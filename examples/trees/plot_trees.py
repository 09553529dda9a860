"""
Trees that are grown over sequences
===================================

Which neighbours belong together? Two structures learn it without labels: pairs that few numbers
tell are joined first, or pairs of symbols that often occur together.
"""

# %%
# A melody of four motifs in random order, with noise. Each motif is three vectors that always come
# one after the other.

import matplotlib.pyplot as plt
import numpy as np

from dlkit.plotting import TreeDisplay
from dlkit.trees import Greedy, TreeFeatures

rng = np.random.RandomState(0)
motifs = rng.randn(4, 3, 6)
names = ["abc", "def", "ghi", "jkl"]


def melody(n_motifs):
    order = rng.randint(4, size=n_motifs)
    notes = np.concatenate([motifs[k] for k in order])
    return notes + 0.1 * rng.randn(*notes.shape), "".join(names[k] for k in order)


melodies, texts = zip(*[melody(n) for n in rng.randint(3, 7, 300)], strict=True)
greedy = TreeFeatures(100, structure=Greedy(6), random_state=0).fit(list(melodies))

# %%
# How often do the three notes of a motif make a branch of their own?


def branches(tree):
    """Leaves below each node, as places in the sequence."""
    found = [[] for _ in tree.parents]
    leaf = 0
    for node, above in enumerate(tree.parents):  # children come before their parents
        if not found[node]:
            found[node] = [leaf]
            leaf += 1
        if above >= 0:
            found[above] += found[node]
    return {tuple(below) for below in found}


def share(trees):
    """Motifs that are a branch, among all."""
    hits = [
        (3 * k, 3 * k + 1, 3 * k + 2) in branches(tree)
        for tree in trees
        for k in range((len(tree.parents) + 1) // 6)
    ]
    return np.mean(hits)


balanced = TreeFeatures(100, structure="balanced", random_state=0).fit(list(melodies))
print(f"greedy   {share(greedy.trees(list(melodies))):.0%} of motifs are branches")
print(f"balanced {share(balanced.trees(list(melodies))):.0%}")

# %%
# The trees over one melody, beside those that byte pairs grow over its letters.

bpe = TreeFeatures(100, structure="bpe", random_state=0).fit(list(texts))
number = texts.index(next(text for text in texts if len(text) == 12))
figure, axes = plt.subplots(3, 1, figsize=(7, 8), layout="constrained")
drawn = {"greedy, over vectors": greedy, "balanced": balanced}
for ax, (title, features) in zip(axes, drawn.items(), strict=False):
    TreeDisplay.from_estimator(features, list(melodies), number=number, names=texts[number], ax=ax)
    ax.set_title(title)
TreeDisplay.from_estimator(bpe, list(texts), number=number, ax=axes[2])
axes[2].set_title("byte pairs, over letters")
plt.show()
