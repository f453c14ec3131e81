"""How stalled a conversation is, in cues that people can read."""

from __future__ import annotations

from dataclasses import dataclass

WILLING_GAP_S = 0.7
"""Up to about this, a gap before an answer is not heard as reluctance (Roberts and Francis 2013, "Identifying
a temporal threshold of tolerance for silent gaps after requests"), and quick answers are how connection feels
(Templeton et al. 2022, "Fast response times signal social connection in conversation")."""

_WORTH_NAMING = 0.5


@dataclass(frozen=True)
class Cue:
    """One sign that a conversation stalls.

    ``score`` is in [0, 1], ``reason`` says it in words, "" when it is too weak to name.
    """

    score: float
    reason: str = ""


def silence_cue(silence_s: float, threshold_s: float) -> Cue:
    """Silence after speech: 0 up to a willing gap, then rising evenly to 1 at the threshold.

    Args:
        silence_s: how long nobody has spoken, in seconds.
        threshold_s: the silence that calls for a suggestion, in seconds.
    """
    willing_s = min(WILLING_GAP_S, threshold_s / 2)
    score = min(1.0, max(0.0, (silence_s - willing_s) / (threshold_s - willing_s)))
    reason = f"nobody has spoken for {silence_s:.1f} s" if score >= _WORTH_NAMING else ""
    return Cue(score, reason)
