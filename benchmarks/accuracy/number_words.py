"""Numbers in words to digits: English, German and French, letter by letter.

    python benchmarks/accuracy/number_words.py
    python benchmarks/accuracy/number_words.py --dev            # while settings are chosen

Numbers from 1 to a million as num2words writes them, their magnitudes as likely, none twice: 5000
to learn from, 1000 for choosing settings (--dev), 1000 for the test, a model for each language. A
number is right if all of its digits are. *Unseen*: 500 numbers from a million to ten millions,
whose very words no model has learned. The readout is one of stored rows that vote; the default
(--readout n-grams) is as right on numbers as long as those of training, and mostly wrong on longer
ones. The baseline is a table: the commonest chunk of digits in the widest window of letters that
training has seen, over the same alignment.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from g2p import look_up
from pairs_data import load_number_words

from dlkit import AttentionReadoutClassifier
from dlkit.symbols import SequenceTransducer

NAMES = {"en": "English", "de": "German", "fr": "French"}


def right(told, truth):
    return float(np.mean([one == other for one, other in zip(told, truth, strict=True)]))


def readouts(window):
    """Stored rows that vote, and the default."""
    match = AttentionReadoutClassifier(
        metric="match", groups=[window, window + 1], n_queries=4000, random_state=0
    )
    return {"match": match, "n-grams": None}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dev", action="store_true", help="numbers that are in neither part")
    parser.add_argument("--quick", action="store_true", help="English from 500 pairs")
    parser.add_argument("--window", type=int, default=20)
    parser.add_argument("--neighbours", type=int, default=6)
    parser.add_argument("--readout", choices=("match", "n-grams"), default="match")
    arguments = parser.parse_args()
    limit_threads(2)
    print_protocol(__doc__)
    rows, shares = [], []
    for language, name in NAMES.items():
        if arguments.quick and language != "en":
            continue
        words, digits = load_number_words(7000, language)
        n, part = (500 if arguments.quick else 5000), slice(6000, 7000)
        if arguments.dev:
            part = slice(5000, 6000)
        start, busy = perf_counter(), process_time()
        model = SequenceTransducer(
            readouts(arguments.window)[arguments.readout], window=arguments.window,
            neighbours=arguments.neighbours, unknown="ignore", random_state=0,
        ).fit(words[:n], digits[:n])  # fmt: skip
        told = model.predict(words[part])
        seconds = perf_counter() - start, process_time() - busy
        shares.append(right(told, digits[part]))
        found = look_up(words[:n], model.alignment_, words[part])
        base = right(["".join(one) for one in found], digits[part])
        beyond = load_number_words(500, language, 10**7, seed=1, least=10**6 + 1)
        rows.append((name, shares[-1], base, right(model.predict(beyond[0]), beyond[1]), *seconds))
        print(rows[-1], flush=True)
    header = ("", "right", "look-up table", "unseen magnitudes", "seconds", "of the processor")
    print(table(header, rows))
    part = "development" if arguments.dev else "test"
    summary(
        f"number words of three languages, exact, {part}", "≥ 99 %",
        f"{np.mean(shares):.2%} (least {min(shares):.1%})", np.mean(shares) >= 0.99,
    )  # fmt: skip


if __name__ == "__main__":
    main()
