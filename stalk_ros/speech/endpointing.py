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


@dataclass(frozen=True)
class Change:
    """Speech began (``speech`` true) or ended at ``at_ns``."""

    speech: bool
    at_ns: int


class Endpointer:
    """Speech and silence from one probability per window.

    Attributes:
        parameters: may be replaced at any time.
        speech: somebody speaks.
        since_ns: when this state began.
        onset_ns: when a sound began that may turn out to be speech, None without one.
    """

    def __init__(self, parameters: SpeechParameters, start_ns: int) -> None:
        self.parameters = parameters
        self.speech = False
        self.since_ns = start_ns
        self.onset_ns: int | None = None
        self._voiced_until_ns = start_ns
        self._windows: list[tuple[float, int]] = []

    def step(self, probability: float, end_ns: int) -> list[Change]:
        """Add the window that ends at ``end_ns``; an utterance that got too long ends and begins at once."""
        threshold = self.parameters.speech_threshold
        voiced = probability >= max(threshold - _HYSTERESIS, threshold / 2)
        if not self.speech:
            return self._wait(probability >= threshold, voiced, end_ns)
        self._windows.append((probability, end_ns))
        if voiced:
            self._voiced_until_ns = end_ns
        if end_ns - self._voiced_until_ns >= seconds_to_ns(self.parameters.end_of_turn_s):
            return self.finish()
        if end_ns - self.since_ns >= seconds_to_ns(self.parameters.max_utterance_s):
            return self._cut(end_ns)
        return []

    def finish(self) -> list[Change]:
        """End the speech that goes on, if any."""
        self.onset_ns = None
        if not self.speech:
            return []
        self.speech, self.since_ns = False, self._voiced_until_ns
        return [Change(False, self.since_ns)]

    def _wait(self, loud: bool, voiced: bool, end_ns: int) -> list[Change]:
        if not voiced:
            self.onset_ns = None
        elif self.onset_ns is None and loud:
            self.onset_ns = end_ns - WINDOW_NS
        if self.onset_ns is None or end_ns - self.onset_ns < seconds_to_ns(self.parameters.min_speech_s):
            return []
        self.speech, self.since_ns, self.onset_ns = True, self.onset_ns, None
        self._voiced_until_ns = end_ns
        self._windows = []
        return [Change(True, self.since_ns)]

    def _cut(self, end_ns: int) -> list[Change]:
        """Cut at the deepest pause of the later half, so that both parts are long enough to be understood."""
        middle_ns = (self.since_ns + end_ns) // 2
        _, pause_ns = min(window for window in self._windows if window[1] > middle_ns)
        if pause_ns > self._voiced_until_ns:
            return self.finish()  # nobody has spoken since
        at_ns = pause_ns - WINDOW_NS // 2
        self.since_ns = at_ns
        self._windows = [window for window in self._windows if window[1] > pause_ns]
        return [Change(False, at_ns), Change(True, at_ns)]
