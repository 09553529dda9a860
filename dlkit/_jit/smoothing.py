"""The loop of exponential smoothing: many settings over one series, each judged as it goes."""

import numpy as np

from .compiled import compiled


@compiled(fastmath={"reassoc", "contract", "nsz"})
def smooth(y, slope, settings, ridge, floor, origins, likelihood, level, trend):
    """Run settings of a damped trend over a series, and write down what each says at some steps.

    With level l and trend b of the step before, f = l + φ b, e = y − f, then l = f + α e and
    b = φ b + α β e. All of it is linear in the first level u and the first trend v, so that three
    runs (of the series from zero, and of zeros from each of u and v of one) give the errors for any
    u and v. At each origin u and v are those of least squared error up to there; where a setting
    has a share of the slope, v is that share of ``slope`` instead; and 0 if φ = 0.

    Parameters
    ----------
    y, slope : ndarray of shape (n,)
        The series, and the slope of the straight line through it up to each step.
    settings : ndarray of shape (k, 4)
        α, β, φ and the share.
    ridge, floor : float
        Penalty on v, relative to its moment; and what is added to the mean squared error.
    origins : ndarray of int of shape (m,)
        Steps, in order.
    likelihood, level, trend : ndarray of shape (m, k)
        Written: −n/2 log(mean squared error + floor), l and b after each origin.
    """
    n, n_origins = y.shape[0], origins.shape[0]
    for k in range(settings.shape[0]):
        alpha, phi, share = settings[k, 0], settings[k, 2], settings[k, 3]
        both = alpha * settings[k, 1]
        l0, b0, l1, b1, l2, b2 = 0.0, 0.0, 1.0, 0.0, 0.0, 1.0
        s00, s01, s02, s11, s12, s22 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        j = 0
        for t in range(n):
            f0, f1, f2 = l0 + phi * b0, l1 + phi * b1, l2 + phi * b2
            e0 = y[t] - f0
            s00 += e0 * e0
            s01 -= e0 * f1
            s02 -= e0 * f2
            s11 += f1 * f1
            s12 += f1 * f2
            s22 += f2 * f2
            l0, l1, l2 = f0 + alpha * e0, f1 - alpha * f1, f2 - alpha * f2
            b0, b1, b2 = phi * b0 + both * e0, phi * b1 - both * f1, phi * b2 - both * f2
            if j == n_origins or origins[j] != t:
                continue
            v = 0.0
            if share > 0:
                v = share * slope[t]
            elif phi > 0:
                q = s22 * (1 + ridge) + 1e-9
                determinant = s11 * q - s12 * s12
                if determinant > 1e-12 * s11 * q:
                    v = (s01 * s12 - s02 * s11) / determinant
            u = -(s01 + v * s12) / s11
            error = s00 + 2 * u * s01 + 2 * v * s02 + u * u * s11 + 2 * u * v * s12 + v * v * s22
            likelihood[j, k] = -0.5 * (t + 1) * np.log(max(error, 0.0) / (t + 1) + floor)
            level[j, k] = l0 + u * l1 + v * l2
            trend[j, k] = b0 + u * b1 + v * b2
            j += 1
