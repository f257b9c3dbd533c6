"""How likely is what was counted, if nothing has changed?"""

from math import exp, lgamma, log, log1p


def at_least(k: int, n: int, p: float) -> float:
    """The chance of k or more out of n, when each has the chance p: the binomial's upper tail."""
    if k <= 0:
        return 1.0
    if p <= 0.0 or k > n:
        return 0.0
    if p >= 1.0:
        return 1.0
    return min(
        1.0, sum(exp(_log_choose(n, i) + i * log(p) + (n - i) * log1p(-p)) for i in range(k, n + 1))
    )


def usual(k: int, n: int) -> float:
    """The chance of one, after k of n: never quite 0 or 1 (the prior of Jeffreys, 1946)."""
    return (k + 0.5) / (n + 1)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
