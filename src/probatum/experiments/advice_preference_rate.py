"""How often was a source's advice preferred to the best human advice in the first TuringAdvice round?

Zellers et al., "TuringAdvice", NAACL 2021; recounted from the 3,600 votes of 14 February 2020.
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.advice.preference import preference
from probatum.datasets.turingadvice_votes import load_turingadvice_votes


def advice_preference_rate(*, seed: int, source: str = "T5-11B") -> Mapping[str, float]:
    """Count the situations in which at least two of three raters preferred the source.

    `source`: T5-11B, T5-3B, grover-mega, grover-large, retrieval or second_best_reddit_advice. Nothing here
    is random: `seed` changes nothing. Metrics: `rate` = `wins` / `n`, 95 % Wilson interval `low` to `high`,
    and `vote_share`.
    """
    votes = load_turingadvice_votes()
    if source not in votes:
        raise ValueError(f"source {source!r} had no votes in the first round; give one of {', '.join(sorted(votes))}")
    result = preference(votes[source], source=source)
    return {
        "rate": result.rate,
        "low": result.low,
        "high": result.high,
        "wins": float(result.wins),
        "n": float(result.items),
        "vote_share": result.vote_share,
    }
