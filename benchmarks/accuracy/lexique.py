"""French spelling to sounds: Lexique, by `SequenceTransducer`.

    python benchmarks/accuracy/lexique.py
    python benchmarks/accuracy/lexique.py --words 20000 --dev     # while settings are chosen

125,000 words of letters, hyphens and apostrophes, a character a sound. The words in order are
shuffled by NumPy's RandomState(0): the first 4000 are for the test, the next 112,000 for training,
by their first pronunciation; what is left is for choosing settings (--dev). A word is right if any
of its pronunciations is predicted. The baseline is the table of `g2p.py`: the commonest chunk of
sounds in the widest window of letters that training has seen, over the same alignment.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from g2p import errors, look_up
from pairs_data import load_lexique

from dlkit.symbols import SequenceTransducer


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=112_000, help="training words")
    parser.add_argument("--dev", action="store_true", help="words that are in neither part")
    parser.add_argument("--quick", action="store_true", help="2000 words, 200 for the test")
    arguments = parser.parse_args()
    limit_threads(2)
    print_protocol(__doc__)
    start, busy = perf_counter(), process_time()
    said = load_lexique()
    words = sorted(said)
    order = [words[i] for i in np.random.RandomState(0).permutation(len(words))]
    train, test = order[4000:116_000][: arguments.words], order[:4000]
    if arguments.dev:
        test = order[116_000:118_000]
    if arguments.quick:
        train, test = train[:2000], test[:200]
    sounds, ways = [said[word][0] for word in train], [list(map(tuple, said[w])) for w in test]
    model = SequenceTransducer(unaligned="skip", random_state=0, verbose=1).fit(train, sounds)
    rows = [("fit", "", "", perf_counter() - start, process_time() - busy)]
    begin, worked = perf_counter(), process_time()
    word, phoneme = errors(model.predict(test), ways)
    rows.append(
        ("SequenceTransducer", word, phoneme, perf_counter() - begin, process_time() - worked)
    )
    base, edits = errors(look_up(train, model.alignment_, test), ways)
    rows.append(("look-up table", base, edits, "", ""))
    print(table(("", "word error", "phoneme error", "seconds", "of the processor"), rows))
    print(f"\n{len(train)} words, {model.n_skipped_} without alignment, {len(test)} of the test")
    part = "development" if arguments.dev else "test"
    asked = f"≤ half of the look-up's {base:.2%}"
    summary(f"Lexique, word error, {part}", asked, f"{word:.2%}", word <= base / 2)


if __name__ == "__main__":
    main()
