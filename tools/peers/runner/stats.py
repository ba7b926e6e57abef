"""Medians, spreads and slopes."""

import math
import statistics


def median(values):
    return statistics.median(values)


def spread(values):
    """Half the distance between the quartiles, relative to the median."""
    if len(values) < 3:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / median(values)


def median_ratio(ours, theirs):
    """The median of the ratios theirs : ours of the rounds; both were measured in turns."""
    return median([b / a for a, b in zip(ours, theirs)])


def mean_ratio(ratios):
    """The geometric mean."""
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def line(points):
    """The straight line through points by least squares: what it is at 0, and its slope."""
    slope, at_zero = statistics.linear_regression(*zip(*points))
    return at_zero, slope


def exponent(points):
    """The slope in double logarithmic scale: 1 is proportional, 0 is constant."""
    return line([(math.log(x), math.log(y)) for x, y in points])[1]
