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


class PartialSchedule:
    """Says when to ask the engine what has been said so far, while somebody speaks.

    Partials may take ``partial_load`` times what finals take. The cost of a pass is the audio it hears and
    the engine's overhead: nearly what it takes, and the same on every machine, so that what is published does
    not depend on the load. The passes that make the first partial of an utterance, and the one that may
    turn out to be its final, are worth a small credit: the limit holds for a conversation, not for a single
    short utterance.

    Args:
        overhead_s: see `Transcriber`.
    """

    def __init__(self, overhead_s: float) -> None:
        self._overhead_ns = seconds_to_ns(overhead_s)
        self._partials_ns = 0
        self._finals_ns = 0
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
        left = len(_FIRST_NS) - self._passes
        first_ns = self._cost_ns(_FIRST_AUDIO_NS)
        if paused:
            return self._affords(self._cost_ns(lasts_ns), lasts_ns, parameters, credit_ns=first_ns)
        if left > 0:
            return lasts_ns >= _FIRST_NS[self._passes] and self._affords(
                left * first_ns, _FIRST_AUDIO_NS, parameters, credit_ns=len(_FIRST_NS) * first_ns
            )
        waited_ns = now_ns - self._last_ns
        return waited_ns >= seconds_to_ns(parameters.partial_interval_s) and self._affords(
            self._cost_ns(lasts_ns), lasts_ns, parameters
        )

    def listened(self, now_ns: int, voiced_until_ns: int, paused: bool, audio_ns: int) -> None:
        """A pass over ``audio_ns`` of audio was asked for."""
        self._passes += 1
        self._last_ns = now_ns
        self._heard_until_ns = voiced_until_ns if paused else None
        self._partials_ns += self._cost_ns(audio_ns)

    def end(self, voiced_until_ns: int, audio_ns: int) -> None:
        """The utterance is over; a pass that heard all of it was its final."""
        self._finals_ns += self._cost_ns(audio_ns)
        if self._heard_until_ns == voiced_until_ns:
            self._partials_ns -= self._cost_ns(audio_ns)

    def _cost_ns(self, audio_ns: int) -> int:
        return audio_ns + self._overhead_ns

    def _affords(self, cost_ns: int, audio_ns: int, parameters: SpeechParameters, credit_ns: int = 0) -> bool:
        """Whether partials may take this much more; the final to come, of ``audio_ns`` so far, counts too."""
        allowed_ns = parameters.partial_load * (self._finals_ns + self._cost_ns(audio_ns))
        return self._partials_ns + cost_ns <= allowed_ns + credit_ns
