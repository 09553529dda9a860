"""Handwritten words letter by letter: each letter's label from its pixels and from its neighbours.

    python benchmarks/accuracy/letters.py                 # ten folds
    python benchmarks/accuracy/letters.py --folds 1       # the first of them
    python benchmarks/accuracy/letters.py --quick         # does it run? figures mean nothing

6877 words of 52,152 letters, 16 × 8 black or white pixels each, in ten folds by their authors:
each is tested on once, the nine others are learned from. A word is a series whose steps are
letters. Convolutional features describe each letter by itself; the stages of `PixelClassifier`
after the first see which letters the one before found around. Errors per letter, in percent. The
dumb baseline is the commonest letter.

**What these folds ask.** The 6877 are 55 different words, written by many hands, and every word of
a fold is among the others, so that letters around tell the word. Two figures on the first fold say
what that is worth. "Look-up" takes each letter by itself (one stage), and then the one of the words
learned from, of as many letters, that is the likeliest whole. "Words left out" has other folds: a
tenth of the 55 words is tested on, written by whomever, and learned from are the other words alone.
With ``groups`` the parts that choose how many stages there are leave out whole words, too.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_pictures import load_letters

from dlkit import ConvFeatures, PerStep, PixelClassifier

CONV = {
    "n_kernels": 80, "kernel_size": (5, 5), "padding": "same", "grid": (4, 2),
    "input_shape": (16, 8), "encoder": "soft_threshold", "threshold": 0.25,
    "whitening": 1.0, "random_state": 0,
}  # fmt: skip
LABELLER = {
    "n_units": 400, "n_positions": None, "context_size": 5, "context_rings": (3, 4), "cv": 3,
    "random_state": 0,
}  # fmt: skip


def errors(found, truth):
    """Letters that are not those of the truth."""
    return sum(int((a != b).sum()) for a, b in zip(found, truth, strict=True))


def learned(train, labels, groups=None, **changes):
    """Fit a labeller."""
    features = PerStep(ConvFeatures(**CONV, n_jobs=2))
    settings = LABELLER | changes
    model = PixelClassifier(**settings, features=features, n_jobs=2)
    return model.fit(train, labels, groups=groups)


def looked_up(model, test, labels):
    """Of the words among labels, of each word's length, the likeliest by its letters alone."""
    words, found = {}, []
    for word in {tuple(one.tolist()) for one in labels}:
        words.setdefault(len(word), []).append(word)
    for shares in model.predict_proba(test):
        known = np.array(words[len(shares)])
        at = np.searchsorted(model.classes_, known)
        likely = np.log(np.maximum(shares, 1e-12))[np.arange(len(shares)), at].sum(axis=1)
        found.append(known[likely.argmax()])
    return found


def beside(X, y, folds):
    """Rows on what words that were learned are worth."""
    rows, words = [], [tuple(one.tolist()) for one in y]
    test, truth = ([a[i] for i in np.flatnonzero(folds == 0)] for a in (X, y))
    train, labels = ([a[i] for i in np.flatnonzero(folds != 0)] for a in (X, y))
    n, alone = sum(map(len, truth)), learned(train, labels, n_stages=1)
    rows.append(["letters alone", 100 * errors(alone.predict(test), truth) / n])
    rows.append(["look-up", 100 * errors(looked_up(alone, test, labels), truth) / n])
    different = sorted(set(words))
    left = set(np.random.RandomState(0).permutation(len(different))[: max(len(different) // 10, 1)])
    left = {different[k] for k in left}
    out = np.array([word in left for word in words])
    test, truth = ([a[i] for i in np.flatnonzero(out)] for a in (X, y))
    train, labels = ([a[i] for i in np.flatnonzero(~out)] for a in (X, y))
    n = sum(map(len, truth))
    groups = [str(one.tolist()) for one in labels]
    for name, changes in (
        ("one stage", {"n_stages": 1}), ("stages", {}), ("stages, by groups", {"groups": groups}),
    ):  # fmt: skip
        found = learned(train, labels, **changes).predict(test)
        rows.append([f"words left out, {name}", 100 * errors(found, truth) / n])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folds", type=int, default=10, help="how many of them")
    parser.add_argument("--quick", action="store_true", help="200 words of one fold")
    args = parser.parse_args()
    print_protocol(__doc__)
    X, y, folds = load_letters()
    if args.quick:
        X, y, folds = X[:200], y[:200], np.arange(200) % 10
    X = [x.astype(np.float32) for x in X]
    rows, wrong, total, alone = [], 0, 0, 0
    for fold in range(1 if args.quick else args.folds):
        parts = [[a[i] for i in np.flatnonzero(mask)]
                 for mask in (folds != fold, folds == fold) for a in (X, y)]  # fmt: skip
        train, labels, test, truth = parts
        start, used = perf_counter(), process_time()
        model = learned(train, labels)
        missed = errors(model.predict(test), truth)
        n = sum(map(len, truth))
        commonest = np.bincount(np.concatenate(labels)).argmax()
        alone += sum(int((b != commonest).sum()) for b in truth)
        left = " ".join(f"{100 - 100 * s['score']:.2f}" for s in model.stage_scores_)
        times = perf_counter() - start, process_time() - used
        rows.append([fold, 100 * missed / n, left, *map(float, times)])
        print(rows[-1], flush=True)
        wrong, total = wrong + missed, total + n
    print(table(["fold", "errors (%)", "left out, by stage (%)", "seconds", "CPU (s)"], rows))
    print(f"\ncommonest letter: {100 * alone / total:.1f} % errors")
    print(table(["first fold", "errors (%)"], beside(X, y, folds)), "\n")
    error = 100 * wrong / total
    summary("letters, errors", "≤ 6 %", f"{error:.2f} %", error <= 6)


if __name__ == "__main__":
    with limit_threads(2):
        main()
