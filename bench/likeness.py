"""What is heard in a recording, and how like it is to what was heard of the same sound elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import ns_to_seconds, samples_to_ns
from stalk_ros.events import Suggestion, Utterance
from stalk_ros.offline.configuration import load
from stalk_ros.offline.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Samples = npt.NDArray[np.int16]

_CHUNK = SAMPLE_RATE_HZ // 10


@dataclass(frozen=True)
class Heard:
    """The final utterances and the suggestions of a session; what they are compared by, and when it was."""

    utterances: list[Utterance]
    suggestions: list[Suggestion]

    @classmethod
    def of(cls, events: Iterable[object]) -> Heard:
        """Those among the events."""
        found = list(events)
        return cls(
            [event for event in found if isinstance(event, Utterance) and event.final],
            [event for event in found if isinstance(event, Suggestion)],
        )

    @property
    def texts(self) -> list[str]:
        """What was said."""
        return [utterance.text for utterance in self.utterances]

    @property
    def speakers(self) -> list[str]:
        """Who said it."""
        return [utterance.speaker_id for utterance in self.utterances]

    @property
    def offers(self) -> list[tuple[str, str]]:
        """What was offered and withdrawn."""
        return [(suggestion.status.name, suggestion.text) for suggestion in self.suggestions]

    @property
    def times_ns(self) -> list[int]:
        """All times: of utterances, of their words, and of suggestions."""
        spoken = [(utterance.start_ns, utterance.end_ns) for utterance in self.utterances]
        words = [(word.start_ns, word.end_ns) for said in self.utterances for word in said.words]
        return [time_ns for span_ns in spoken + words for time_ns in span_ns] + [
            suggestion.time_ns for suggestion in self.suggestions
        ]

    def farthest_s(self, other: Heard, offset_ns: int) -> float:
        """The largest difference of a time, where the other one is ``offset_ns`` earlier.

        Raises:
            ValueError: one of them has more words, utterances or suggestions.
        """
        pairs = zip(self.times_ns, other.times_ns, strict=True)
        return max(abs(ns_to_seconds(mine_ns - offset_ns - its_ns)) for mine_ns, its_ns in pairs)


def heard(samples: Samples) -> Heard:
    """What the stages make of a stream that begins with these samples at time 0, as ``stalk run`` does."""
    conversation = Conversation(load(assignments=("asr.partials=false",)))
    events: list[object] = []
    for first in [*range(0, len(samples), _CHUNK), len(samples)]:
        start_ns = samples_to_ns(first, SAMPLE_RATE_HZ)
        chunk = AudioChunk(samples[first : first + _CHUNK], SAMPLE_RATE_HZ, 1, first, start_ns)
        events += conversation.feed(chunk)
    conversation.close()
    return Heard.of(events)


def place(sound: Samples, recorded: Samples) -> int:
    """The sample at which the sound begins in a recording of it, by cross-correlation."""
    size = len(sound) + len(recorded)
    spectra = [np.fft.rfft(samples.astype(np.float64), size) for samples in (recorded, sound)]
    return int(np.fft.irfft(spectra[0] * spectra[1].conj(), size)[: len(recorded)].argmax())
