"""Overlap: where two people speak at once, and who.

That a window holds two voices is heard from its embedding by a linear classifier, which does not know whose
they are (see bench/overlap_weights.py). That a window lies between two known voices says less: it also does
where one takes over from the other. So both are named only where the path goes from one to the other, or
where only two voices are known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.clock import seconds_to_ns
from stalk_ros.speakers.resemblance import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stalk_ros.events import Utterance
    from stalk_ros.speakers.embedding import Calibration


def overlaps(
    windows: Sequence[Window], embeddings: npt.NDArray[np.float32], calibration: Calibration
) -> list[Window]:
    """Where two voices are heard at once.

    Args:
        windows: N windows in order of time.
        embeddings: [N, D], rows of length 1.
        calibration: of the model of the embeddings.

    Returns:
        The middle halves of such windows. A window is judged together with the one of its neighbours that
        sounds more like two voices, since chance seldom strikes twice: one alone is not judged.
    """
    if not calibration.overlap:
        return []
    scores = embeddings @ np.array(calibration.overlap[1:]) + calibration.overlap[0]
    sides = np.pad(scores, 1, constant_values=-np.inf)
    together = scores + np.maximum(sides[:-2], sides[2:])
    return [
        Window(0.75 * window.start_s + 0.25 * window.end_s, 0.25 * window.start_s + 0.75 * window.end_s)
        for window, score in zip(windows, together, strict=True)
        if score > 0
    ]


def marked(
    parts: Sequence[Utterance], places: Sequence[Window], speaker_ids: Sequence[str]
) -> list[Utterance]:
    """The parts of an utterance, those marked in which two voices are heard at once.

    Args:
        parts: they follow each other.
        places: where two voices are heard, in seconds from the start of the first part.
        speaker_ids: the voices that are known.
    """
    origin_ns = parts[0].start_ns
    spans_ns = [
        (origin_ns + seconds_to_ns(place.start_s), origin_ns + seconds_to_ns(place.end_s)) for place in places
    ]
    within = [
        {number for number, part in enumerate(parts) if part.start_ns < end_ns and start_ns < part.end_ns}
        for start_ns, end_ns in spans_ns
    ]
    result = []
    for number, part in enumerate(parts):
        together = [numbers for numbers in within if number in numbers]
        others = {parts[other].speaker_id for numbers in together for other in numbers} - {part.speaker_id}
        if together and not others and len({*speaker_ids}) == 2:
            others = {*speaker_ids} - {part.speaker_id}
        result.append(replace(part, overlapped=bool(together), overlapping_speaker_ids=tuple(sorted(others))))
    return result
