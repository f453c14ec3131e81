"""When a partial result is worth its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.clock import seconds_to_ns

if TYPE_CHECKING:
    from stalk_ros.speech.parameters import SpeechParameters

_FIRST_NS = (450_000_000, 650_000_000, 850_000_000)
"""Speech that lasts so long is listened to, so that two passes agree on a word within the first second."""

_FIRST_AUDIO_NS = 1_200_000_000
"""About what the last of these passes hears, pre-roll included."""

_EARLY_NS = 1_000_000_000
"""Later than this no first partial is early any more."""

_SAVED_NS = 30_000_000_000
"""What long utterances leave unused for the ones to come."""


class PartialSchedule:
    """Says when to ask the engine what has been said so far, while somebody speaks.

    Partials may take ``partial_load`` times what finals take. The cost of a pass is the audio it hears and
    the engine's overhead: nearly what it takes, and the same on every machine, so that what is published does
    not depend on the load. The passes that make the first partial of an utterance, and the one that may turn
    out to be its final, are worth a small credit: the limit holds for a conversation, not for a single short
    utterance.

    Args:
        overhead_s: see `Transcriber`.
    """

    def __init__(self, overhead_s: float) -> None:
        self._overhead_ns = seconds_to_ns(overhead_s)
        self._balance_ns = 0.0
        self.begin(0)

    def begin(self, start_ns: int) -> None:
        """An utterance begins."""
        self._start_ns = start_ns
        self._passes = 0
        self._last_ns = start_ns
        self._heard_until_ns: int | None = None

    def due(self, now_ns: int, voiced_until_ns: int, paused: bool, parameters: SpeechParameters) -> bool:
        """Whether to listen now.

        Args:
            now_ns: the time.
            voiced_until_ns: the end of the speech so far.
            paused: a final would now hear exactly the same, should nobody speak again.
            parameters: may differ from call to call.
        """
        if not parameters.partials or self._heard_until_ns == voiced_until_ns:
            return False
        lasts_ns = now_ns - self._start_ns
        first_ns = self._cost_ns(_FIRST_AUDIO_NS)
        # The final that is to come pays too, as long as it would be by now.
        budget_ns = self._balance_ns + parameters.partial_load * self._cost_ns(max(lasts_ns, _FIRST_AUDIO_NS))
        if paused:
            return self._cost_ns(lasts_ns) <= budget_ns + first_ns
        left = len(_FIRST_NS) - self._passes
        if left > 0 and lasts_ns < _EARLY_NS:
            credit_ns = len(_FIRST_NS) * first_ns
            return lasts_ns >= _FIRST_NS[self._passes] and left * first_ns <= budget_ns + credit_ns
        waited_ns = now_ns - self._last_ns
        interval_ns = seconds_to_ns(parameters.partial_interval_s)
        return waited_ns >= interval_ns and self._cost_ns(lasts_ns) <= budget_ns

    def listened(self, now_ns: int, voiced_until_ns: int, paused: bool, audio_ns: int) -> None:
        """A pass over ``audio_ns`` of audio was asked for."""
        self._passes += 1
        self._last_ns = now_ns
        self._heard_until_ns = voiced_until_ns if paused else None
        self._balance_ns -= self._cost_ns(audio_ns)

    def end(self, voiced_until_ns: int, audio_ns: int, parameters: SpeechParameters) -> None:
        """The utterance is over; a pass that heard all of it was its final."""
        earned_ns = parameters.partial_load * self._cost_ns(audio_ns)
        if self._heard_until_ns == voiced_until_ns:
            earned_ns += self._cost_ns(audio_ns)
        # Never deeper in debt than the credit goes: a load that was set lower starts from there.
        debt_ns = (len(_FIRST_NS) + 1) * self._cost_ns(_FIRST_AUDIO_NS)
        self._balance_ns = max(-debt_ns, min(self._balance_ns + earned_ns, _SAVED_NS))

    def _cost_ns(self, audio_ns: int) -> int:
        return audio_ns + self._overhead_ns
