"""Models of sequences: text, lengths of samples, and a variance that changes.

    python benchmarks/accuracy/sequence_models.py
    python benchmarks/accuracy/sequence_models.py text --units 500 --steps 300000
    python benchmarks/accuracy/sequence_models.py text --dev      # while settings are chosen

*text*: characters of Penn Treebank (Mikolov's parts: 5.1 million to learn from, 450,000 to tell). A
reservoir of ``--units`` units and a logistic readout that learns, in one convex solution, from the
last ``--steps`` characters; the same mixed with n-grams of all of the text; beside them the n-grams
alone, interpolated after Witten and Bell. Bits a character on the test part, and the expected
calibration error: characters in ten bins by the probability of the likeliest one, the mean distance
of that probability from the share that was right. Reservoir: rectified units, input scaling 1,
spectral radius 0.7, the best of 17 settings of 500 units, learned from 200,000 characters and told
the first 30,000 of the validation part; orders and passes of the mixer: its defaults. Probabilities
are calibrated, and the weights of the mixer learned, on characters before those. Needs 6 bytes a
unit and character, which are kept in memory.
*samples*: models of pronunciations in CMUdict (4000 words; the stop is a symbol), and of
sequences of eight symbols (k-means of the vectors of JapaneseVowels) whose stop is thrown at each
step. 2000 samples: the distance (Kolmogorov-Smirnov) of their lengths from those of held-out data,
and how many end within ten times the longest. *variance*: x(t) = sin(2πt/25) + σ(t) e(t) with σ(t)
= 0.05 + 0.2 (1 + sin(2πt/60)), 4000 steps to learn from and 4000 to tell: the continuous ranked
probability score of one-step forecasts, against that of the true mean and σ(t), and against a
Gaussian of constant variance around the same means.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table
from get_data import load_cmudict, load_treebank
from sklearn.cluster import KMeans

from dlkit import LogisticReadoutClassifier, ReservoirStates, SequenceModel, _budgets
from dlkit.datasets import load_japanese_vowels
from dlkit.metrics import crps
from dlkit.symbols import NGramMixer
from dlkit.symbols._categorical import CALIBRATED, Categorical
from dlkit.symbols._ngrams import Tables, histories_of


def calibration_error(logs, truth):
    best = logs.argmax(axis=1)
    sure, right = np.exp(logs.max(axis=1)), best == truth
    bins = np.minimum((10 * sure).astype(int), 9)
    gaps = [abs(sure[bins == b].sum() - right[bins == b].sum()) for b in range(10)]
    return sum(gaps) / len(truth)


def told(model, text):
    """Bits a character, and the calibration error."""
    logs = np.log(np.maximum(model.predict_proba([text])[0], 1e-30))
    at = {symbol: i for i, symbol in enumerate(model.alphabet_.tolist())}
    truth = np.array([at[symbol] for symbol in text])
    bits = -logs[np.arange(len(truth)), truth].mean() / np.log(2)
    return float(bits), float(calibration_error(logs, truth))


def alone(model, text, steps):
    """What a fit without a mixer would leave: calibrated on the steps before the last ones."""
    batch, _, _, sequences = model._open([text], None)
    plain = Categorical(model.emission_.classifier, len(model.alphabet_))
    kept, targets = np.ones(len(text), dtype=bool), sequences[0]
    learned = np.arange(len(text)) >= len(text) - steps
    rows, logs = plain.aside(
        model.driver_, batch, targets, kept, learned, model.readout, CALIBRATED, None
    )
    return plain.calibrated(logs, targets[rows])


def text(units, steps, dev):
    """Penn Treebank, character by character."""
    _budgets.STATES_BYTES = max(_budgets.STATES_BYTES, 5 * units * steps)
    parts = {name: part.replace("\r\n", "\n") for name, part in load_treebank().items()}
    learn, test = parts["train"], parts["valid" if dev else "test"]
    rows = []
    symbols = sorted(set(learn))
    numbers = [np.array([symbols.index(s) for s in part]) for part in (learn, test)]
    for order in (5, 6, 7, 9):
        before = [histories_of([one], order - 1, len(symbols))[:-1] for one in numbers]
        tables = Tables.of(before[0], numbers[0], len(symbols), order)
        found = 0.0
        for a in range(0, len(test), 50_000):
            logs = tables.predict(before[1][a : a + 50_000])[0][:, -1]
            found -= logs[np.arange(len(logs)), numbers[1][a : a + 50_000]].sum()
        rows.append((f"n-grams, order {order}", found / len(test) / np.log(2), np.nan))
        print(rows[-1], flush=True)
    readout = LogisticReadoutClassifier(1.0, tol=1e-4, max_iter=100)
    reservoir = ReservoirStates(
        units, activation="relu", input_scaling=1.0, spectral_radius=0.7, random_state=0
    )
    mixed = SequenceModel(
        reservoir=reservoir, stop=None, readout=readout, max_steps=steps, mixer=NGramMixer(),
        random_state=0,
    )  # fmt: skip
    found, start, busy = {}, perf_counter(), process_time()
    mixed.fit([learn])
    print(f"fit: {perf_counter() - start:.0f} s, {process_time() - busy:.0f} s of the processor")
    found["reservoir and n-grams"] = told(mixed, test)
    rows.append(("reservoir and n-grams", *found["reservoir and n-grams"]))
    print(rows[-1], flush=True)
    mixed.emission_ = alone(mixed, learn, steps)
    found["reservoir"] = told(mixed, test)
    rows.append(("reservoir", *found["reservoir"]))
    print(table(("PTB characters", "bits", "calibration error"), rows))
    size = f"{units} units, {min(steps, len(learn))} characters"
    bits, off = found["reservoir"]
    summary(f"PTB, reservoir alone ({size})", "≤ 2.2 bits", f"{bits:.3f}", bits <= 2.2)
    summary("PTB, calibration error", "≤ 1 %", f"{off:.2%}", off <= 0.01)
    bits, off = found["reservoir and n-grams"]
    summary("PTB, mixed", "≤ 1.50 bits", f"{bits:.3f}", bits <= 1.50)
    summary("PTB, calibration error of the mixture", "≤ 1 %", f"{off:.2%}", off <= 0.01)


def far(one, other):
    """Kolmogorov-Smirnov distance."""
    at = np.unique(np.r_[one, other])
    return max(abs((one <= k).mean() - (other <= k).mean()) for k in at)


def samples():
    """Lengths of samples."""
    phones = [list(said[0]) for said in load_cmudict().values()]
    order = np.random.RandomState(0).permutation(len(phones))
    vowels, _ = load_japanese_vowels(subset="train", return_X_y=True)
    others, _ = load_japanese_vowels(subset="test", return_X_y=True)
    kinds = KMeans(8, n_init=4, random_state=0).fit(np.concatenate(vowels))
    sets = {
        "CMUdict": (
            [phones[i] for i in order[:4000]], [phones[i] for i in order[-10_000:]],
            SequenceModel(200, random_state=0),
        ),
        "vowels": (
            [kinds.predict(x) for x in vowels], [kinds.predict(x) for x in others],
            SequenceModel(200, stop="bernoulli", random_state=0),
        ),
    }  # fmt: skip
    for name, (learn, test, model) in sets.items():
        model.fit(learn)
        lengths = np.array([len(s) for s in model.sample(2000, random_state=0)])
        longest = 10 * max(map(len, learn))
        gaps = [far(lengths, np.array([len(s) for s in part])) for part in (learn, test)]
        bits, base = model.bits(test), far(*(np.array([len(s) for s in p]) for p in (learn, test)))
        print(f"\n{name}: {bits:.3f} bits a step; training lengths are {base:.3f} from the test's")
        what = f"lengths of samples, {name}: distance from training and test data"
        summary(what, "≤ 0.05", " / ".join(f"{g:.3f}" for g in gaps), gaps[0] <= 0.05)
        ended = (lengths < longest).mean()
        summary(f"samples that end, {name}", "≥ 95 %", f"{ended:.1%}", ended >= 0.95)


def variance():
    """Noise whose size changes."""
    t = np.arange(8000)
    mean, std = np.sin(2 * np.pi * t / 25), 0.05 + 0.2 * (1 + np.sin(2 * np.pi * t / 60))
    x = (mean + std * np.random.RandomState(0).standard_normal(8000))[:, None]
    clock = np.stack([np.sin(2 * np.pi * t / 60), np.cos(2 * np.pi * t / 60)], axis=1)
    season = np.stack([np.sin(2 * np.pi * t / 25), np.cos(2 * np.pi * t / 25)], axis=1)
    rows = []
    for name, given in (("the series alone", x), ("beside it both phases", None)):
        X = x if given is not None else np.hstack([x, clock, season])
        model = SequenceModel(100, output="gaussian", stop=None, random_state=0).fit([X[:4000]])
        told_mean, told_std = model.predict([X], return_std=True)
        m, s = told_mean[0][4000:, :1], told_std[0][4000:, :1]
        truth = x[4000:]
        constant = np.full_like(s, np.std(x[:4000] - told_mean[0][:4000, :1]))
        best = crps(truth, mean[4000:, None], std=std[4000:, None])
        rows.append((name, crps(truth, m, std=s), crps(truth, m, std=constant), best))
    print(table(("Gaussian from", "CRPS", "constant variance", "oracle"), rows))
    share = rows[1][1] / rows[1][3] - 1
    summary("CRPS above the oracle's, phases known", "≤ 2 %", f"{share:.2%}", share <= 0.02)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["variance", "samples", "text"])
    parser.add_argument("--units", type=int, default=1500)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--dev", action="store_true", help="text: the validation part")
    parser.add_argument("--quick", action="store_true", help="the variance alone")
    args = parser.parse_args()
    print_protocol(__doc__)
    for part in ["variance"] if args.quick else args.parts:
        {
            "text": lambda: text(args.units, args.steps, args.dev),
            "samples": samples,
            "variance": variance,
        }[part]()


if __name__ == "__main__":
    main()
