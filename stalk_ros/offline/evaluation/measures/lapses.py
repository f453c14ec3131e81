"""Whether an offer is made in every lapse of the talk, when, and nowhere else.

A lapse is a silence of 4 s or more after somebody has spoken, whatever was said: most references do not tell
whether a turn was over. So a stage that rightly waits longer within a turn misses some.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from stalk_ros.offline.evaluation.scores import Ratio, Scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stalk_ros.offline.evaluation.references import Reference, Span

LAPSE_S = 4.0
"""The same for all parameters, so that these can be compared."""


def scores(reference: Reference, offers_s: Sequence[float], duration_s: float) -> Scores:
    """How many offers came out, and how right they are where it is known when anybody speaks."""
    unscored_s = reference.unscored_s
    offers_s = [at_s for at_s in offers_s if not _within(at_s, unscored_s)]
    offers = Ratio(len(offers_s), 1)
    if reference.spans is None:
        return Scores({"offers": offers})
    lapses_s = [
        (start_s, end_s)
        for start_s, end_s in _silences_s(reference, reference.spans, duration_s)
        if end_s - start_s >= LAPSE_S
        and not any(start_s < end and begin < end_s for begin, end in unscored_s)
    ]
    first_s = [next((at_s for at_s in offers_s if start <= at_s < end), None) for start, end in lapses_s]
    after_s = [
        at_s - start - LAPSE_S for at_s, (start, _) in zip(first_s, lapses_s, strict=True) if at_s is not None
    ]
    right = sum(_within(at_s, lapses_s) for at_s in offers_s)
    speech_s = [(span.start_s, span.end_s) for span in reference.spans]
    amid = sum(_within(at_s, speech_s) for at_s in offers_s)
    return Scores(
        {
            "offers": offers,
            "lapse precision": Ratio(right, len(offers_s)),
            "lapse recall": Ratio(len(after_s), len(lapses_s)),
            "offers amid speech": Ratio(amid, len(offers_s)),
        },
        {"offer after lapse": tuple(after_s)},
    )


def _silences_s(
    reference: Reference, spans: Sequence[Span], duration_s: float
) -> Iterable[tuple[float, float]]:
    if reference.silences_s is not None:
        return reference.silences_s
    return _gaps_s(spans, duration_s)


def _gaps_s(spans: Sequence[Span], duration_s: float) -> Iterator[tuple[float, float]]:
    """Where nobody speaks, after somebody has spoken."""
    ended_s = accumulate((span.end_s for span in spans), max)
    begins_s = [*(span.start_s for span in spans[1:]), duration_s]
    return zip(ended_s, begins_s, strict=False)


def _within(at_s: float, stretches_s: Iterable[tuple[float, float]]) -> bool:
    return any(start_s <= at_s < end_s for start_s, end_s in stretches_s)
