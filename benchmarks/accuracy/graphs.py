"""Classes of graphs: molecules that are mutagenic, signs of cuneiform.

    python benchmarks/accuracy/graphs.py             (5 minutes)

MUTAG (188 molecules, 4 kinds of bonds) and Cuneiform (267 signs of 30 kinds, nodes with places),
out of the package grakel. Ten stratified folds (of Cuneiform nine, as many as its smallest class
has members), ten times, shuffled by seeds 0 to 9, which seed the reservoirs, too. `GraphFeatures`
with its defaults, 100 units, and behind it the same classifiers as behind *counts*: of symbols and
nodes, or of numbers the means and the number of nodes. Nothing was tuned: of each pair of features
and classifier all figures stand in the table.
"""

import sys
from time import process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from structures_data import load_graphs

from dlkit import RidgeReadoutClassifier
from dlkit.trees import GraphFeatures

CLASSIFIERS = {
    "ridge": lambda seed: make_pipeline(
        StandardScaler(), RidgeReadoutClassifier(np.logspace(-3, 5, 17))
    ),
    "extra trees": lambda seed: ExtraTreesClassifier(200, random_state=seed),
}


def counts_of(graphs):
    """How often each symbol occurs, or means of labels; and the number of nodes."""
    if isinstance(graphs[0].labels, list):
        symbols = sorted({label for graph in graphs for label in graph.labels})
        found = [[graph.labels.count(symbol) for symbol in symbols] for graph in graphs]
    else:
        found = [graph.labels.mean(axis=0) for graph in graphs]
    return np.hstack([found, [[len(graph.labels)] for graph in graphs]])


def main():
    limit_threads(1)
    print_protocol(__doc__)
    seeds = range(1 if "--quick" in sys.argv else 10)
    rows, best = [], {}
    for name in ("mutag", "cuneiform"):
        graphs, y = load_graphs(name)
        if name == "cuneiform":  # places are not centred, and of a size of their own
            scale = StandardScaler().fit(np.concatenate([graph.labels for graph in graphs]))
            graphs = [type(g)(g.adjacency, scale.transform(g.labels)) for g in graphs]
        counts = counts_of(graphs)
        for features in ("counts", "reservoir"):
            for classifier, new in CLASSIFIERS.items():
                scores, start = [], process_time()
                for seed in seeds:
                    X = counts
                    if features == "reservoir":  # unlabelled: drawn, and scaled by nothing
                        X = GraphFeatures(100, random_state=seed).fit_transform(graphs)
                    n_folds = min(10, np.unique(y, return_counts=True)[1].min())
                    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
                    scores.append(cross_val_score(new(seed), X, y, cv=folds).mean())
                figures = np.mean(scores), np.std(scores), process_time() - start
                rows.append((name, features, classifier, *figures))
                best[name, features] = max(best.get((name, features), 0), figures[0])
                print(rows[-1], file=sys.stderr, flush=True)
    print(table(("graphs", "features", "classifier", "accuracy", "± seeds", "CPU seconds"), rows))
    found, plain = best["mutag", "reservoir"], best["mutag", "counts"]
    summary("MUTAG", "≥ 0.89", f"{found:.4f}", found >= 0.89)
    summary("MUTAG, above plain counts", f"> {max(plain, 0.881):.4f}", f"{found:.4f}",
            found > max(plain, 0.881))  # fmt: skip


if __name__ == "__main__":
    main()
