"""The loop of recursive least squares over the rows of a block."""

import numpy as np

from .compiled import compiled

# sums may be reordered, so that they vectorise: three times as fast at 500 features

LARGEST = np.finfo(np.float64).max


@compiled(fastmath={"reassoc", "nsz"})
def rls_rows(
    X, Y, weight, U, D, mean, total, coef, intercept, forgetting, alpha, clip_norm, clip_value,
    has_intercept,
):  # fmt: skip
    """Learn from rows one after another; everything from ``U`` to ``intercept`` in place.

    The inverse P of the penalised scatter about ``mean`` is kept as Bierman's factors,
    P = Σⱼ D[j] uⱼ uⱼᵀ with uⱼ = (U[j, 0], …, U[j, j − 1], 1, 0, …): positive definite whatever the
    rounding. ``coef`` is (q, p); ``total[0]`` is the sum of the weights. Clip limits of infinity
    do not clip. Returns the numbers of rows left out and of rows clipped.
    """
    p, q = D.size, intercept.size
    d, f, v, error = np.empty(p), np.empty(p), np.empty(p), np.empty(q)
    n_skipped, n_clipped = 0, 0
    for t in range(X.shape[0]):
        w, before = weight[t], forgetting * total[0]
        if w == 0.0:
            continue
        x = X[t]
        squares, largest = 0.0, 0.0
        for c in range(q):
            e = Y[t, c] - intercept[c]
            for i in range(p):
                e -= coef[c, i] * x[i]
            error[c] = e
            squares += e * e
            largest = max(largest, abs(e))

        # v = P d and h = dᵀ P d, with d the row about the mean
        h, lift, v_squares, v_largest = 0.0, 0.0, 0.0, 0.0
        for i in range(p):
            d[i] = x[i] - mean[i]
        for j in range(p):
            u = U[j]
            s = d[j]
            for i in range(j):
                s += u[i] * d[i]
            f[j] = s
            g = D[j] * s
            h += s * g
            for i in range(j):
                v[i] += u[i] * g
            v[j] = g
        for i in range(p):
            lift -= mean[i] * v[i]
            v_squares += v[i] * v[i]
            v_largest = max(v_largest, abs(v[i]))
        # isfinite is x - x == 0, which "reassoc" folds; h and the squares are not negative
        if not squares + h + v_squares + abs(lift) <= LARGEST:
            n_skipped += 1
            continue

        # the change of (coef, intercept) is error ⊗ gain (v, lift)
        spread = h
        if not has_intercept:
            lift = 0.0
        elif before > 0.0:
            lift += forgetting / before
            spread += forgetting / before
        gain = w / (forgetting + w * spread)
        first = has_intercept and before == 0.0  # then the intercept takes all
        if first:
            gain, lift = 0.0, 1.0
        step = np.sqrt(squares * (1.0 if first else gain * gain * (v_squares + lift * lift)))
        highest = largest * (1.0 if first else gain * max(v_largest, abs(lift)))
        ratio = 1.0
        if step > clip_norm:
            ratio = clip_norm / step
        if highest > clip_value:
            ratio = min(ratio, clip_value / highest)
        if ratio < 1.0:  # the weight whose step is as long as allowed
            n_clipped += 1
            w = 0.0 if first else ratio * gain * forgetting / (1.0 - ratio * gain * spread)
        for c in range(q):
            move = ratio * gain * error[c]
            for i in range(p):
                coef[c, i] += move * v[i]
            intercept[c] += ratio * error[c] if first else move * lift
        if w == 0.0:
            continue

        # P ← (P − g v vᵀ / (λ + g h)) / λ
        g = w
        if has_intercept:
            g = w * before / (before + w)
            total[0] = before + w
            for i in range(p):
                mean[i] += w / total[0] * d[i]
        a = forgetting
        for j in range(p):
            u = U[j]
            b = D[j] * f[j]
            previous = a
            a += g * b * f[j]
            move = -g * f[j] / previous
            length = 1.0
            for i in range(j):
                old = u[i]
                u[i] = old + v[i] * move
                v[i] += old * b
                length += u[i] * u[i]
            v[j] = b
            D[j] *= previous / (a * forgetting)
            if forgetting < 1.0:
                D[j] = min(D[j], 1.0 / (alpha * length))
    return n_skipped, n_clipped
