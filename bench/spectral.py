"""What can be had at best: whole recordings at once, by spectral clustering or by the truth.

Spectral clustering is that of WeSpeaker (``wespeaker/diar/spectral_clusterer.py``): cosines of windows as
affinity, of which each window keeps its ten nearest, all counting the same; the graph's Laplacian, not
normalised; as many voices as there are eigenvalues before the widest gap among the 21 smallest; k-means in
the space of their eigenvectors. The utterances are those of the stage. In them lie windows as long as the
engine wants them, overlapping by half. Where two of them differ, the voice changes in the middle of their
overlap, as in ``make_rttm.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from pyannote.core import Segment
from sklearn.cluster import KMeans

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_seconds
from stalk_ros.offline.evaluation.measures.speakers import annotation

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyannote.core import Annotation
    from takes import Audio, Take

    from stalk_ros.events import Utterance
    from stalk_ros.speakers import SpeakerEmbedder

_NEIGHBOURS = 10
_MOST_VOICES = 20
_BATCH = 64


@dataclass(frozen=True)
class Cell:
    """A window of speech, and the part of it that has the window's voice; in seconds of the recording."""

    window_s: tuple[float, float]
    span_s: tuple[float, float]


def cells(take: Take, window_s: float) -> list[Cell]:
    """The windows of all utterances; their spans cover these without overlap."""
    return [cell for utterance in take.utterances for cell in _cells(utterance, window_s)]


def clustered(take: Take, engine: SpeakerEmbedder) -> Annotation:
    """Who speaks when by spectral clustering of the whole recording."""
    places = cells(take, engine.calibration.window_s)
    labels = voices(_embedded(take.audio, places, engine)) if places else []
    spans = zip(places, labels, strict=True)
    return annotation((*place.span_s, str(label)) for place, label in spans)


def perfect(take: Take, spans_s: list[tuple[float, float]]) -> Annotation:
    """Each span with the voice that is heard most in it by the truth, "" where nobody is."""
    labelled = []
    for start_s, end_s in spans_s:
        voice = take.known.crop(Segment(start_s, end_s)).argmax()
        labelled.append((start_s, end_s, "" if voice is None else str(voice)))
    return annotation(labelled)


def voices(embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """The number of the voice of each row of [N, D]; rows have the length 1."""
    count = len(embeddings)
    if count <= 2:
        return np.zeros(count, np.intp)
    affinity = np.zeros((count, count))
    nearest = np.argsort(embeddings @ embeddings.T, axis=1)[:, max(count - _NEIGHBOURS, 2) :]
    np.put_along_axis(affinity, nearest, 1.0, axis=1)
    affinity = (affinity + affinity.T) / 2
    np.fill_diagonal(affinity, 0.0)
    values, vectors = np.linalg.eigh(np.diag(affinity.sum(axis=1)) - affinity)
    found = int(np.argmax(np.diff(values[: _MOST_VOICES + 1]))) + 1
    labels: npt.NDArray[np.intp] = KMeans(found, n_init=10, random_state=0).fit_predict(vectors[:, :found])
    return labels


def _cells(utterance: Utterance, window_s: float) -> list[Cell]:
    start_s, end_s = ns_to_seconds(utterance.start_ns), ns_to_seconds(utterance.end_ns)
    last_s = max(start_s, end_s - window_s)
    count = int(np.ceil((last_s - start_s) / (window_s / 2) - 1e-9)) + 1
    starts_s = [min(start_s + number * window_s / 2, last_s) for number in range(count)]
    windows_s = [(at_s, min(at_s + window_s, end_s)) for at_s in starts_s]
    changes_s = [(one[1] + other[0]) / 2 for one, other in pairwise(windows_s)]
    spans_s = pairwise([start_s, *changes_s, end_s])
    return [Cell(window, span) for window, span in zip(windows_s, spans_s, strict=True)]


def _embedded(audio: Audio, places: list[Cell], engine: SpeakerEmbedder) -> npt.NDArray[np.float32]:
    pieces = [
        audio[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
        for start_s, end_s in (place.window_s for place in places)
    ]
    batches = [engine.embed(pieces[first : first + _BATCH]) for first in range(0, len(pieces), _BATCH)]
    return np.concatenate(batches)
