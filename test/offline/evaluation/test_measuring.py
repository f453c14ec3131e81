"""What comes out of a recording, as it is scored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.audio import AudioChunk
from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, VoiceActivity, Word
from stalk_ros.offline.evaluation.measuring import _Listener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.evaluation.heard import Heard
    from stalk_ros.offline.recording import Item

RATE = 16_000
DAY_NS = 86_400 * NANOSECONDS


def at(seconds: float, start_ns: int = 0) -> int:
    return start_ns + round(seconds * NANOSECONDS)


def stream(start_ns: int, seconds: int) -> Iterator[AudioChunk]:
    """Chunks of one second, and the empty one that ends them."""
    for second in range(seconds + 1):
        samples = np.zeros(RATE if second < seconds else 0, np.int16)
        yield AudioChunk(samples, RATE, 1, second * RATE, at(second, start_ns), "microphone")


class Recorded:
    """A recording of these items."""

    name, duration_s, problem = "talk", 0.0, ""

    def __init__(self, *items: Item) -> None:
        self._items = items

    def items(self) -> Iterator[Item]:
        yield from self._items


class Scripted:
    """A conversation that tells events as the audio reaches them; a stand-in for `Conversation`."""

    def __init__(self, events: dict[int, list[Event]]) -> None:
        self._events = events

    def ahead(self, items: Iterator[Item]) -> Iterator[Item]:
        return items

    def feed(self, item: AudioChunk) -> Iterator[Event]:
        yield from self._events.pop(item.stamp_ns, ())


def heard(events: dict[int, list[Event]], *items: Item, partials: bool = False) -> Heard:
    advanced: list[float] = []
    found = _Listener(partials).listen(Scripted(events), Recorded(*items), advanced.append)
    assert not events, "not all of them were told"
    assert sum(advanced) == sum(len(item.samples) for item in items) / RATE
    return found


def utterance(start_s: float, start_ns: int = 0) -> Utterance:
    start, end = at(start_s, start_ns), at(start_s + 0.5, start_ns)
    return Utterance("u", start, end, "yes", (Word("yes", start, end, 1.0),))


def activity(speech: bool, since_s: float, time_s: float) -> VoiceActivity:
    return VoiceActivity(at(time_s), speech, 0.5, at(time_s - since_s), 0)


def test_what_is_told_has_the_audio_that_had_been_heard_by_then() -> None:
    said = utterance(0.2, DAY_NS)
    found = heard({at(1, DAY_NS): [said]}, *stream(DAY_NS, 3))
    assert found.start_ns == DAY_NS
    assert found.duration_s == 3.0
    (told,) = found.told
    assert told.event == said
    assert told.at_ns == at(2, DAY_NS)


def test_what_was_said_is_written_down_before_its_speaker_is_known() -> None:
    listener, (first, *others) = _Listener(partials=False), stream(DAY_NS, 2)

    class Written(Scripted):
        def feed(self, item: AudioChunk) -> Iterator[Event]:
            if item is first:
                listener.written(replace(utterance(0.2, DAY_NS), final=False))
                listener.written(utterance(0.2, DAY_NS))
            return super().feed(item)

    found = listener.listen(Written({}), Recorded(first, *others), lambda _: None)
    (told,) = found.written
    assert (told.event, told.at_ns, found.told) == (utterance(0.2, DAY_NS), at(1, DAY_NS), ())


def test_partials_are_left_out_unless_they_are_asked_for() -> None:
    partial = replace(utterance(0.2), final=False)
    events = {at(0): [partial], at(1): [utterance(0.2)]}
    assert [told.event.final for told in heard(dict(events), *stream(0, 2)).told] == [True]
    assert [told.event.final for told in heard(dict(events), *stream(0, 2), partials=True).told] == [
        False,
        True,
    ]


def test_a_second_stream_with_a_clock_of_its_own_follows_the_first() -> None:
    offer = Suggestion(
        at(1, DAY_NS), "t", SuggestionStatus.OFFERED, "?", "en", "", "", (), Trigger.SILENCE, 1, 1, "",
        at(9, DAY_NS),
    )  # fmt: skip
    events = {at(0): [utterance(0.2)], at(0, DAY_NS): [utterance(0.2, DAY_NS)], at(1, DAY_NS): [offer]}
    found = heard(events, *stream(0, 3), *stream(DAY_NS, 2))
    first, second, suggested = found.told
    assert (first.event, first.at_ns) == (utterance(0.2), at(1))
    assert (second.event, second.at_ns) == (utterance(3.2), at(4))
    assert (suggested.event.time_ns, suggested.event.valid_until_ns) == (at(4), at(12))
    assert found.duration_s == 5.0


def test_speech_lasts_until_the_silence_that_follows_began() -> None:
    events = {
        at(0): [activity(True, 0.25, 0.25), activity(True, 0.25, 0.75)],
        at(1): [activity(False, 0.875, 1.25), activity(False, 0.875, 2.0)],
        at(2): [activity(True, 2.25, 2.5)],
    }
    found = heard(events, *stream(0, 3))
    assert found.speech_ns == ((at(0.25), at(0.875)), (at(2.25), at(2.5)))


def test_a_chunk_that_can_be_no_audio_is_not_heard_but_counted() -> None:
    first, last = stream(0, 1)
    listener = _Listener(partials=False)
    broken = Recorded(first, replace(first, channels=0), last)
    assert listener.listen(Scripted({}), broken, lambda _: None).duration_s == 1.0
    assert listener.refused == 1
