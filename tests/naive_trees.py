"""Oracles: reservoirs over trees and graphs, node by node, from the formulas."""

import numpy as np


def children_of(parents):
    """Children of each node, in the order of their numbers."""
    found = [[] for _ in parents]
    for child, parent in enumerate(parents):
        if parent >= 0:
            found[parent].append(child)
    return found


def placed(node, k, x):
    """P_k x: the state of the child at place k, permuted and signed."""
    if not node.places or k == 0:
        return x
    order, sign = node.places[min(k, len(node.places)) - 1]
    return x[order] * sign


def products(node, heard, s, u, n):
    """γ ((U s) ∘ (V u) + (U' x(c_0)) ∘ (Z Σ_k≥1 P_k x(c_k))), of the units of the first layer."""
    more = np.zeros(n)
    if node.of_children is not None:
        U, Z = (factor.toarray() for factor in node.of_children)
        first = heard[0][:n] if heard else np.zeros(n)
        more += (U @ first) * (Z @ sum((one[:n] for one in heard[1:]), np.zeros(n)))
    if node.of_labels is not None:
        U, V = node.of_labels
        more += (U.toarray() @ s[:n]) * (V @ u)
    return node.scaling * more


def unit_step(reservoir, u, s, more=0.0):
    """One leaky step from ``s``: (1 - a) s + a tanh(W s + W_in u + b + more)."""
    W = np.asarray(reservoir.matrix.todense() if hasattr(reservoir.matrix, "todense") else
                   reservoir.matrix)  # fmt: skip
    a = reservoir.leak_rate
    return (1 - a) * s + a * np.tanh(W @ s + reservoir.w_in @ u + reservoir.bias + more)


def tree_states(reservoir, node, labels, parents):
    """States of all nodes, from the leaves to the root; labels are vectors."""
    children, states = children_of(parents), {}
    n = reservoir.n_units

    def visit(i):
        for child in children[i]:
            visit(child)
        heard = [placed(node, k, states[c]) for k, c in enumerate(children[i])]
        s = sum(heard, np.zeros(n))
        more = products(node, heard, s, labels[i], n)
        states[i] = unit_step(reservoir, labels[i], s, more)

    visit(list(parents).index(-1))
    return np.array([states[i] for i in range(len(parents))])


def states_from_the_root(reservoir, labels, parents):
    """States of all nodes, from the root to the leaves."""
    children, states = children_of(parents), {}

    def visit(i, above):
        states[i] = unit_step(reservoir, labels[i], above)
        for child in children[i]:
            visit(child, states[i])

    visit(list(parents).index(-1), np.zeros(reservoir.n_units))
    return np.array([states[i] for i in range(len(parents))])


def graph_states(reservoir, places, kinds, labels, n_steps, leak):
    """States of all nodes of a graph after so many steps."""
    n = len(labels)
    x = np.zeros((n, reservoir.n_units))
    for _ in range(n_steps):
        new = np.zeros_like(x)
        for v in range(n):
            s = np.zeros(reservoir.n_units)
            for k, A in enumerate(kinds):
                heard = sum(A[v, w] * x[w] for w in range(n))
                if k:
                    order, sign = places[k - 1]
                    heard = heard[order] * sign
                s = s + heard
            full = unit_step(reservoir, labels[v], s)
            new[v] = (1 - leak) * x[v] + leak * full
        x = new
    return x


def random_tree(rng, n):
    """Parents of a random tree whose nodes are in random order."""
    parents = np.array([-1] + [rng.randint(i) for i in range(1, n)])
    order = rng.permutation(n)
    number = np.empty(n, dtype=int)
    number[order] = np.arange(n)
    return [(-1 if parents[i] < 0 else int(number[parents[i]])) for i in order]
