"""What a word is to its head, from parts of speech: labels of the nodes of dependency trees.

    python benchmarks/accuracy/dependencies.py       (3 minutes)

4851 Turkish sentences, 81,000 words (package turkish-treebanks): the tree and the parts of speech
are given, the relation of each word is asked for. A fifth of the sentences is tested, drawn by seed
0. *Own and parent*: logistic regression on the word's part of speech, its head's, and the pair. The
reservoir has 300 units in each direction. Ridge is the default readout; the logistic one is of the
same kind as *own and parent* has. Nothing was tuned.
"""

import sys
from time import process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from structures_data import load_dependencies

from dlkit.readout import LogisticReadoutClassifier
from dlkit.trees import TreeClassifier


def pairs(trees):
    """Own label, parent's label and both, of every node."""
    found = []
    for tree in trees:
        for label, above in zip(tree.labels, tree.parents, strict=True):
            parent = tree.labels[above] if above >= 0 else ""
            found.append({"own": label, "parent": parent, "both": f"{label} {parent}"})
    return found


def main():
    limit_threads(1)
    print_protocol(__doc__)
    X, y = load_dependencies()
    if "--quick" in sys.argv:
        X, y = X[:300], y[:300]
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    rows, flat = [], np.concatenate(y_test)
    start = process_time()
    plain = make_pipeline(DictVectorizer(), LogisticRegression(C=10, max_iter=300))
    told = plain.fit(pairs(X), np.concatenate(y)).predict(pairs(X_test))
    rows.append(("own and parent, logistic", np.mean(told == flat), process_time() - start))
    print(rows[-1], file=sys.stderr, flush=True)
    logistic = make_pipeline(StandardScaler(), LogisticReadoutClassifier(10.0, tol=1e-4))
    contenders = ("additive", None), ("positional", None), ("additive", logistic)
    for node, readout in contenders:
        start = process_time()
        model = TreeClassifier(
            300, target="node", direction="both", node=node, unknown="ignore", readout=readout,
            random_state=0,
        ).fit(X, y)  # fmt: skip
        score = model.score(X_test, y_test)
        name = "ridge" if readout is None else "logistic"
        rows.append((f"{node} nodes, {name}", score, process_time() - start))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(("model", "accuracy", "CPU seconds"), rows))
    asked, found = rows[0][1], rows[1][1]
    summary(
        "relations of words, additive nodes, ridge", f"> {asked:.4f}", f"{found:.4f}", found > asked
    )


if __name__ == "__main__":
    main()
