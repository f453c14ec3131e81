"""How far the transcript has come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.events import Utterance, VoiceActivity
    from stalk_ros.speech.transcription import Segment


class Progress:
    """Which segments the engine still has, and what voice activity says of that.

    Time may jump back, in a recording that is replayed again. What the engine still has then comes when time
    has begun anew. Until all of it is out, nothing of the new stream is: ``transcribed_until_ns`` lies before
    its start. The first activity after that tells with ``last_utterance_end_ns`` which utterance was the last
    of the old stream. From then on the old one is told only while it lies in the future, and so cannot be
    taken for one of the new stream.
    """

    def __init__(self) -> None:
        self._pending: list[Segment] = []
        self._earlier: list[Segment] = []
        self._last_end_ns = 0
        self._last_is_earlier = False
        self._jumped = False
        self._begun_ns = 0
        self._told = True

    def begin(self, time_ns: int, back: bool) -> None:
        """A stream begins; ``back``: its times were heard before."""
        if back:
            self._begun_ns = time_ns
            self._told = False
            self._earlier += self._pending
            self._pending = []
            self._last_is_earlier = self._jumped = True

    def add(self, segment: Segment) -> None:
        """A final segment goes to the engine."""
        self._pending.append(segment)

    def finish(self, segment: Segment, utterance: Utterance | None) -> None:
        """The engine has finished a final segment; one that was given up counts for nothing."""
        for segments, is_earlier in ((self._pending, False), (self._earlier, True)):
            if segment in segments:
                segments.remove(segment)
                if utterance is not None and utterance.text:
                    self._last_end_ns, self._last_is_earlier = utterance.end_ns, is_earlier
                return

    def abandon(self) -> None:
        """Wait for no segment any more."""
        self._pending.clear()
        self._earlier.clear()

    def lag_ns(self, now_ns: int) -> int:
        """How long ago the first of the waiting utterances of this stream ended; 0 without one."""
        return max([0, *(now_ns - segment.end_ns for segment in self._pending)])

    def new(self, activity: VoiceActivity, quiet_until_ns: int) -> VoiceActivity:
        """An activity of this stream that is told for the first time; see `marked`."""
        self._told = True
        return self.marked(activity, quiet_until_ns)

    def marked(self, activity: VoiceActivity, quiet_until_ns: int) -> VoiceActivity:
        """The latest activity with what is known of the transcript by now.

        Args:
            activity: as it was told, or is to be told.
            quiet_until_ns: up to when nothing can be in it that has no segment yet.
        """
        starts_ns = [segment.start_ns for segment in self._pending]
        last_end_ns = self._last_end_ns
        if not self._told:
            # Nothing is told since the jump: it is an activity of the stream before.
            starts_ns += [segment.start_ns for segment in self._earlier]
            until_ns = min([*starts_ns, activity.time_ns])
        elif self._earlier:
            until_ns = self._begun_ns - 1
        else:
            until_ns = min([*starts_ns, quiet_until_ns, activity.time_ns])
            if self._last_is_earlier and not self._jumped and last_end_ns <= activity.time_ns:
                last_end_ns = 0
            self._jumped = False
        return replace(activity, transcribed_until_ns=until_ns, last_utterance_end_ns=last_end_ns)
