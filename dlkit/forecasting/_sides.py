"""A series as level × shape and as level + shape: two forecasts, and what each of them counts."""

from dataclasses import dataclass, replace

import numpy as np

from ._courses import Courses
from ._levels import Levels
from ._shape import product_evidence

__all__ = ["Sides", "mixed", "share_of_product"]

LEAST = 0.25  # what each side counts at least
TEMPER = 0.3  # on the likelihood of the sides: steps follow from one another


def share_of_product(product, sum_):
    """What the product counts, of a series that was taken apart both ways.

    Between 1/4 and 3/4, by the likelihood of differences of logarithms and of plain ones.

    Parameters
    ----------
    product, sum_ : Course
        The series as level × shape, and as level + shape.
    """
    if not product.shape.log:
        return 0.0
    z = product.shape.at(np.arange(len(product.level))) + product.level
    x = sum_.shape.at(np.arange(len(sum_.level))) + sum_.level
    found = product_evidence(x, z, min((len(one) for one in sum_.shape.indices), default=1))
    if found is None:
        return 1 - LEAST
    evidence, n = found
    odds = np.clip(TEMPER * evidence * n, -50, 50)
    return float(LEAST + (1 - 2 * LEAST) / (1 + np.exp(-odds / 2)))


@dataclass(frozen=True, eq=False)
class Sides:
    """What series are under one form or two, and how their levels go on.

    Attributes
    ----------
    courses : list of Courses
        Those of the product, and of the sum; or of one form.
    levels : list of Levels
        As many.
    shares : list of float
        What the product counts, for each channel of each series of ``fit``.
    """

    courses: list
    levels: list
    shares: list

    @classmethod
    def fit(cls, series, period, form, covariates, *, both):
        """Take series apart, both ways if that is wanted, ``form`` "auto", and one is positive."""
        if form == "auto" and both:
            product = Courses.fit(series, period, "positive", covariates)
            if any(course.shape.log for course in product.courses):
                sum_ = Courses.fit(series, period, "additive", covariates, product.periods)
                pairs = zip(product.courses, sum_.courses, strict=True)
                return cls([product, sum_], [], [share_of_product(*pair) for pair in pairs])
            form = "additive"
        one = Courses.fit(series, period, form, covariates)
        return cls([one], [], [1.0] * len(one.courses))

    @property
    def effects(self):
        """Of one unit of each covariate, in the form that counts more; None without covariates."""
        first = self.courses[0]
        if first.effects is None:
            return None
        if len(self.courses) == 2:
            more = np.mean(self.shares) >= 0.5
            first = self.courses[0 if more else 1]
        else:
            more = np.mean([course.shape.log for course in first.courses]) >= 0.5
        return first.effects.coef[bool(more)] / first.effects.known.scale

    @property
    def weights(self):
        """Of the theta line, the damped line and the ridge, in the mean of the sides."""
        if self.levels[0].weights is None or len(self.levels) == 1:
            return self.levels[0].weights
        share = np.mean(self.shares)
        return share * self.levels[0].weights + (1 - share) * self.levels[1].weights

    def learned(self, n_steps):
        """The same, with levels learned up to so many steps ahead."""
        levels = [Levels().fit([c.level for c in one.courses], n_steps) for one in self.courses]
        return replace(self, levels=levels)

    def read(self, estimator, X, covariates, n_steps):
        """Series that were given later: the series, and courses and tables of each side."""
        read = [one.read(estimator, X, covariates, n_steps) for one in self.courses]
        return read[0][0], [found for _, found, _ in read], read[0][2]

    def effect(self, side, course, table):
        """What the covariates of some steps add to a course of a side."""
        return self.courses[side].effect(course, table)

    def shares_of(self, found):
        """What each side counts, for each of some courses: (n_courses, n_sides).

        Parameters
        ----------
        found : list of list of Course
            Of each side.
        """
        if len(found) == 1:
            return np.ones((len(found[0]), 1))
        product = [
            self.shares[p.number] if p.number >= 0 else share_of_product(p, s)
            for p, s in zip(*found, strict=True)
        ]
        return np.stack([product, 1 - np.array(product)], axis=1)


def mixed(values, shares, product):
    """Numbers that the sides of one channel give, put together.

    Parameters
    ----------
    values : list of ndarray
        Of each side.
    shares : ndarray of shape (n_sides,)
        What each counts.
    product : Course
        Of the first side. If it is level × shape, a sum is not let below zero.
    """
    if len(values) == 1:
        return values[0]
    first, second = values
    if not product.shape.log:
        return second
    return shares[0] * first + shares[1] * np.maximum(second, 0.0)
