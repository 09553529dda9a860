"""French spelling to sounds: Lexique, by `SequenceTransducer`.

    python benchmarks/accuracy/lexique.py
    python benchmarks/accuracy/lexique.py --words 20000 --dev     # while settings are chosen

125,000 words of letters, hyphens and apostrophes, a character a sound. The words in order are
shuffled by NumPy's RandomState(0): the first 4000 are for the test, the next 112,000 for training,
by their first pronunciation; what is left is for choosing settings (--dev). A word is right if any
of its pronunciations is predicted. The baseline is the table of `g2p.py`: the commonest chunk of
sounds in the widest window of letters that training has seen, over the same alignment.
"""

from time import perf_counter, process_time

import _above  # noqa: F401
from _common import summary, table
from g2p import errors, look_up, options, parts
from pairs_data import load_lexique

from dlkit.symbols import SequenceTransducer


def main():
    arguments = options(__doc__)
    start, busy = perf_counter(), process_time()
    said = load_lexique()
    train, test = parts(said, arguments)
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
