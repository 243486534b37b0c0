"""PD where few firms or none have failed: an upper bound instead of a guess."""

import math

from techflow.basics import InvalidInput


def low_default_pd(n: int, defaults_n: int, *, confidence: float) -> float:
    """Greatest PD that the record of a pool does not contradict.

    The PD at which `defaults_n` or fewer defaults among `n` independent firms would be seen
    with probability `1 - confidence`.

    Args:
        n: Firms observed over one year, 1 or more.
        defaults_n: How many of them defaulted, 0 to `n`.
        confidence: In (0, 1); 0.5 is the median-like reading, 0.9 a cautious one.

    Returns:
        PD, fraction in (0, 1].

    Raises:
        InvalidInput: A value is out of range.

    Source:
        Pluto and Tasche (2005), Estimating probabilities of default for low default
        portfolios, section 2 (no defaults) and 3 (few defaults), independent case; equal to
        the upper Clopper-Pearson bound (1934).

    Examples:
        >>> round(low_default_pd(100, 0, confidence=0.9), 6)  # 1 - 0.1 ** (1 / 100)
        0.022763
    """
    if not (n >= 1 and 0 <= defaults_n <= n and 0.0 < confidence < 1.0):
        raise InvalidInput(
            "low_default_pd needs n >= 1, 0 <= defaults_n <= n and 0 < confidence < 1; "
            f"got n {n}, defaults_n {defaults_n}, confidence {confidence}"
        )
    if defaults_n == n:
        return 1.0
    if defaults_n == 0:
        return -math.expm1(math.log1p(-confidence) / n)
    low, high = 0.0, 1.0
    while (middle := 0.5 * (low + high)) not in (low, high):
        few = _binomial_cdf(n, defaults_n, middle)
        low, high = (middle, high) if few > 1.0 - confidence else (low, middle)
    return middle


def _binomial_cdf(n: int, k: int, p: float) -> float:
    """P(X <= k) for X binomial(n, p), 0 <= k < n, 0 < p < 1; sums of logs keep it exact."""
    odds = math.log(p) - math.log1p(-p)
    term, terms = n * math.log1p(-p), [n * math.log1p(-p)]
    for i in range(k):
        term += math.log((n - i) / (i + 1)) + odds
        terms.append(term)
    return math.fsum(map(math.exp, terms))
