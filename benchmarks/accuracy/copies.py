"""Copies and reversals of strings by an encoder and a decoder, with attention.

    python benchmarks/accuracy/copies.py

Strings of 1 to 20 of eight symbols, copied or reversed: 1000 to learn from, 200 to tell; the share
of outputs that are right in every symbol. Then 50 strings of 30 symbols, longer than any that was
learned from. `Seq2SeqESN` of 100 and 50 units, three seeds; beside it the same without attention,
whose decoder begins in a state that is set by the encoder's last one and hears it at each step.
"""

import sys
import warnings
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table

from dlkit.exceptions import UnfinishedSampleWarning
from dlkit.symbols import Seq2SeqESN

TASKS = {"copy": lambda word: word, "reverse": lambda word: word[::-1]}


def strings(n, least, most, seed):
    """Random strings of eight symbols."""
    r = np.random.RandomState(seed)
    return ["".join(r.choice(list("abcdefgh"), k)) for k in r.randint(least, most + 1, size=n)]


def main():
    print_protocol(__doc__)
    warnings.simplefilter("ignore", UnfinishedSampleWarning)
    quick = "--quick" in sys.argv
    learn, test = strings(200 if quick else 1000, 1, 20, 0), strings(200, 1, 20, 1)
    longer, rows = strings(50, 30, 30, 2), []
    for task, change in TASKS.items():
        for context in ("both", "attention"):
            found = []
            for seed in range(1 if quick else 3):
                start = perf_counter()
                model = Seq2SeqESN(100, decoder_units=50, context=context, random_state=seed)
                model.fit(learn, [change(word) for word in learn])
                seconds = perf_counter() - start
                shares = [model.score(X, [change(x) for x in X]) for X in (test, longer)]
                found.append((*shares, seconds))
            mean = np.mean(found, axis=0)
            rows.append((task, context, *mean.tolist()))
            print(rows[-1], file=sys.stderr, flush=True)
        what = f"{task} of up to 20 of 8 symbols, right"
        summary(what, "≥ 99 %", f"{mean[0]:.1%}", mean[0] >= 0.99)
    header = ("task", "decoder is given", "right, up to 20", "right, 30", "seconds a fit")
    print(table(header, rows))


if __name__ == "__main__":
    main()
