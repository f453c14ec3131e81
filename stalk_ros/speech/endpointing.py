"""Where utterances begin and end, decided by voice activity alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import samples_to_ns, seconds_to_ns
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    from stalk_ros.speech.parameters import SpeechParameters

WINDOW_NS = samples_to_ns(WINDOW, SAMPLE_RATE_HZ)

_HYSTERESIS = 0.15
"""Speech goes on while its probability is less than this below the threshold, as Silero's iterator has it."""


_SURE = 0.8
"""Speech begins with a window that is this far from the threshold to certainty, so 0.9 by default.

Speech gets there within its first windows. Of the tones that a detector takes for speech when they come after
silence, music or a hum, one in five does: see docs/benchmarks.md.
"""

_DOUBT_NS = 1_000_000_000
"""What is said before that window is part of the utterance up to this long."""

_PAUSE_WINDOWS = 5
"""So many windows in a row tell a pause: 0.16 s, longer than the stop of a consonant."""

_OVERLAP_NS = 500_000_000
"""No word is longer than twice this."""


@dataclass(frozen=True)
class Change:
    """Speech began (``speech`` true) or ended at ``at_ns``.

    ``cut`` says that it goes on and was only cut because it got too long. Where there was no pause to cut in,
    the audio of both parts must reach ``overlap_ns`` beyond the cut, so that no word is torn.
    """

    speech: bool
    at_ns: int
    cut: bool = False
    overlap_ns: int = 0


class Endpointer:
    """Speech and silence from one probability per window.

    Attributes:
        parameters: may be replaced at any time.
        speech: somebody speaks.
        since_ns: when this state began.
        onset_ns: when a sound began that may turn out to be speech, None without one.
        voiced_until_ns: when the last speech ended; while somebody speaks, what comes after it is a pause.
    """

    def __init__(self, parameters: SpeechParameters, start_ns: int) -> None:
        self.parameters = parameters
        self.speech = False
        self.since_ns = start_ns
        self.onset_ns: int | None = None
        self._highest = 0.0
        self.voiced_until_ns = start_ns
        self._windows: list[tuple[float, int]] = []

    def step(self, probability: float, end_ns: int) -> list[Change]:
        """Add the window that ends at ``end_ns``; an utterance that got too long ends and begins at once."""
        voiced = probability >= self._least()
        if not self.speech:
            return self._wait(probability, voiced, end_ns)
        self._windows.append((probability, end_ns))
        if voiced:
            self.voiced_until_ns = end_ns
        if end_ns - self.voiced_until_ns >= seconds_to_ns(self.parameters.end_of_turn_s):
            return self.finish()
        if end_ns - self.since_ns >= seconds_to_ns(self.parameters.max_utterance_s):
            return self._cut(end_ns)
        return []

    def finish(self) -> list[Change]:
        """End the speech that goes on, if any."""
        self.onset_ns = None
        if not self.speech:
            return []
        self.speech, self.since_ns = False, self.voiced_until_ns
        return [Change(False, self.since_ns)]

    def _wait(self, probability: float, voiced: bool, end_ns: int) -> list[Change]:
        threshold = self.parameters.speech_threshold
        if not voiced:
            self.onset_ns = None
        elif self.onset_ns is None and probability >= threshold:
            self.onset_ns, self._highest = end_ns - WINDOW_NS, 0.0
        if self.onset_ns is None:
            return []
        least_ns = seconds_to_ns(self.parameters.min_speech_s)
        self.onset_ns = max(self.onset_ns, end_ns - max(_DOUBT_NS, least_ns))
        self._highest = max(self._highest, probability)
        if end_ns - self.onset_ns < least_ns or self._highest < threshold + _SURE * (1 - threshold):
            return []
        self.speech, self.since_ns, self.onset_ns = True, self.onset_ns, None
        self.voiced_until_ns = end_ns
        self._windows = []
        return [Change(True, self.since_ns)]

    def _least(self) -> float:
        """The probability at which speech goes on."""
        threshold = self.parameters.speech_threshold
        return max(threshold - _HYSTERESIS, threshold / 2)

    def _cut(self, end_ns: int) -> list[Change]:
        """Cut at the deepest pause of the later half, so that both parts are long enough to be understood.

        The last half second stays with the second part: the first one may have to hear that much more.
        """
        if end_ns - self.voiced_until_ns >= _PAUSE_WINDOWS * WINDOW_NS:
            return self.finish()  # nobody has spoken since
        middle_ns = (self.since_ns + end_ns) // 2
        windows = [window for window in self._windows if middle_ns < window[1] <= end_ns - _OVERLAP_NS]
        pauses = [windows[at : at + _PAUSE_WINDOWS] for at in range(len(windows) - _PAUSE_WINDOWS + 1)]
        deepest = min(pauses, key=lambda pause: sum(probability for probability, _ in pause))
        _, pause_ns = min(deepest)
        at_ns = pause_ns - WINDOW_NS // 2
        overlap_ns = 0 if max(deepest)[0] < self._least() else _OVERLAP_NS
        self.since_ns = at_ns
        self._windows = [window for window in self._windows if window[1] > pause_ns]
        return [Change(speech, at_ns, cut=True, overlap_ns=overlap_ns) for speech in (False, True)]
