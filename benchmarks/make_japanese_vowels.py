"""Make dlkit/datasets/data/japanese_vowels.npz from the text in the wheel of aeon 1.6.0.

    python benchmarks/make_japanese_vowels.py

No value in the text has more than six decimals, so integers in units of 1e-6 hold it exactly.
They are stored as differences of successive rows, and each byte of these apart from the others,
which compresses to 280 kB (the integers themselves: 390, float64: 730). The result is compared
with the text before it is written.

Arrays of the file, for the 270 + 370 utterances in the order of the source:

planes : (3, 9961, 12) uint8: low, middle, high byte of the differences + 2**23
lengths : (640,) uint8: steps of each utterance
target : (640,) uint8: speaker, 0 to 8
n_train : 270
"""

from pathlib import Path

import numpy as np
from get_data import load_problem

TARGET = Path(__file__).parents[1] / "dlkit" / "datasets" / "data" / "japanese_vowels.npz"


def main():
    (train, train_labels), (test, test_labels) = load_problem("JapaneseVowels")
    values = np.concatenate(train + test)
    whole = np.round(values * 1e6).astype(np.int64)
    if not np.array_equal(whole / 1e6, values):
        raise ValueError("a value has more than six decimals")
    shifted = np.diff(whole, axis=0, prepend=0) + 2**23
    if shifted.min() < 0 or shifted.max() >= 2**24:
        raise ValueError("a difference does not fit into three bytes")
    np.savez_compressed(
        TARGET,
        planes=np.stack([(shifted >> 8 * i) & 255 for i in range(3)]).astype(np.uint8),
        lengths=np.array([len(s) for s in train + test], dtype=np.uint8),
        target=np.concatenate([train_labels, test_labels]).astype(np.uint8) - np.uint8(1),
        n_train=len(train),
    )
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, {len(train)} + {len(test)} utterances")


if __name__ == "__main__":
    main()
