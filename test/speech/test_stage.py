"""The stage with a detector and an engine that know the truth.

The truth travels in the audio: the value of a sample is its number in the stream.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.audio import Block
from stalk_ros.clock import ns_to_samples, samples_to_ns, seconds_to_ns
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, TranscribedWord, Transcript
from stalk_ros.speech.endpointing import WINDOW_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

RATE = 16_000
START_NS = 1_700_000_000_000_000_321


@dataclass(frozen=True)
class Spoken:
    """A word of the truth, in samples."""

    text: str
    first: int
    last: int


def talk(*turns: tuple[float, int], seed: int = 0) -> list[Spoken]:
    """Turns of ``(silence before in seconds, words)``, with short pauses between the words."""
    rng, words, at = random.Random(seed), [], 0
    for silence_s, count in turns:
        at += round(silence_s * RATE)
        for number in range(count):
            at += round(rng.choice([0.0, 0.03, 0.08, 0.15]) * RATE) if number else 0
            length = round(rng.uniform(0.2, 0.5) * RATE)
            words.append(Spoken(f"w{len(words)}", at, at + length))
            at += length
    return words


class Oracle:
    """A detector and an engine in one."""

    name = "oracle"
    caveat = ""

    def __init__(self, words: list[Spoken], overhead_s: float = 0.0, tears_words: bool = False) -> None:
        self.words = words
        self.overhead_s = overhead_s
        self.tears_words = tears_words
        self.transcribed: list[range] = []
        self.contexts: list[str] = []

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def reset(self) -> None:
        pass

    def probability(self, window: np.ndarray) -> float:
        first, last = int(window[0]), int(window[-1]) + 1
        voiced = sum(max(0, min(last, word.last) - max(first, word.first)) for word in self.words)
        return min(0.99, 0.01 + voiced / (last - first))

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        assert audio.dtype == np.float32
        assert len(audio)
        assert (np.diff(audio) == 1).all(), "the audio of an utterance is in one piece"
        heard = range(int(audio[0]), int(audio[-1]) + 1)
        self.transcribed.append(heard)
        self.contexts.append(context)
        timed = [
            TranscribedWord(text, (first - heard[0]) / RATE, (last - heard[0]) / RATE, 0.9)
            for text, first, last in self._understood(heard)
        ]
        return Transcript(" ".join(word.text for word in timed), tuple(timed), "en", 0.9)

    def _understood(self, heard: range) -> list[tuple[str, int, int]]:
        """The words whose middle is heard; if it tears words, what is heard of the others as "~" too."""
        understood = []
        for word in self.words:
            if (word.first + word.last) // 2 in heard:
                understood.append((word.text, word.first, word.last))
            elif self.tears_words and word.first < heard.stop and word.last > heard.start:
                understood.append(("~", max(word.first, heard.start), min(word.last, heard.stop)))
        return understood


def stage(
    words: list[Spoken], overhead_s: float = 0.0, tears_words: bool = False, **parameters: Any
) -> SpeechStage:
    oracle = Oracle(words, overhead_s, tears_words)
    return SpeechStage(SpeechParameters(**parameters), oracle, oracle)


def stream(
    words: list[Spoken], sizes: Iterable[int] = (1_600,), tail_s: float = 3.0, first: int = 0
) -> list[Block]:
    """The audio of the words as blocks whose sizes take turns, and the end of the stream."""
    samples = np.arange(first, words[-1].last + round(tail_s * RATE), dtype=np.float32)
    sizes, blocks, at = list(sizes), [], 0
    while at < len(samples):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(
            Block(samples[at : at + size], START_NS + samples_to_ns(first + at, RATE), restart=at == 0)
        )
        at += size
    end_ns = START_NS + samples_to_ns(first + len(samples), RATE)
    return [*blocks, Block(samples[:0], end_ns, restart=True)]


Published = list[VoiceActivity | Utterance]


def published(stage: SpeechStage, blocks: list[Block], delays: Iterable[int] = (0,)) -> Published:
    """What a node publishes whose engine lags behind: by as many items as ``delays`` says, in turns."""
    events: Published = []
    waiting: deque[tuple[int, Segment]] = deque()
    delays, heard = list(delays), 0

    def write() -> None:
        _, segment = waiting.popleft()
        utterance = stage.transcribe(segment)
        if utterance is not None:
            events.append(utterance)
        if segment.final:
            activity = stage.finish(segment, utterance)
            if activity is not None:
                events.append(activity)

    for block in blocks:
        for item in stage.listen(block):
            heard += 1
            if isinstance(item, Segment):
                waiting.append((heard + delays[heard % len(delays)], item))
            else:
                events.append(item)
            while waiting and waiting[0][0] <= heard:
                write()
    while waiting:
        write()
    return events


def utterances(events: Published, final: bool = True) -> list[Utterance]:
    return [event for event in events if isinstance(event, Utterance) and event.final == final]


def activities(events: Published) -> list[VoiceActivity]:
    return [event for event in events if isinstance(event, VoiceActivity)]


def sample(time_ns: int) -> int:
    return ns_to_samples(time_ns - START_NS, RATE)


def assert_all_is_said_once(events: Published, words: list[Spoken]) -> None:
    finals = utterances(events)
    assert [word.text for utterance in finals for word in utterance.words] == [word.text for word in words]
    assert " ".join(utterance.text for utterance in finals) == " ".join(word.text for word in words)
    assert len({utterance.utterance_id for utterance in finals}) == len(finals)


def assert_watermarks_hold(events: Published, words: list[Spoken]) -> None:
    """What an activity says of the transcript is true when it is published, and stays true."""
    until_ns = last_end_ns = 0
    said: set[str] = set()
    for event in events:
        if isinstance(event, VoiceActivity):
            assert event.transcribed_until_ns >= until_ns
            assert event.transcribed_until_ns <= event.time_ns
            assert event.last_utterance_end_ns == last_end_ns
            until_ns = event.transcribed_until_ns
            # A sound is only heard when a window with it is complete.
            begun = {
                word.text
                for word in words
                if START_NS + samples_to_ns(word.last, RATE) < until_ns - WINDOW_NS
            }
            assert begun <= said
        elif event.final:
            assert event.start_ns >= until_ns
            last_end_ns = event.end_ns
            said |= {word.text for word in event.words}


CONVERSATION = talk((1.0, 3), (0.7, 1), (0.75, 6), (0.3, 2), (4.0, 2), (0.65, 12), (1.0, 1))


@settings(deadline=None, max_examples=25)
@given(
    sizes=st.sampled_from([[160], [512], [1_600], [8_000], [1], [333, 1_999, 5], [511, 513], [10**6]]),
    phase=st.integers(0, 511),
    seed=st.integers(0, 10),
    delays=st.sampled_from([[0], [1], [7], [0, 30, 3], [100]]),
    partials=st.booleans(),
)
def test_nothing_is_lost_or_doubled_however_the_audio_is_cut_and_the_engine_lags(
    sizes, phase, seed, delays, partials
) -> None:
    sizes = [max(size, 40) for size in sizes]
    words = talk(
        (1.0 + phase / RATE, 3), (0.7, 1), (0.75, 6), (0.3, 2), (3.0, 2), (0.65, 9), (1.0, 1), seed=seed
    )
    events = published(stage(words, partials=partials), stream(words, sizes), delays)
    assert_all_is_said_once(events, words)
    assert_watermarks_hold(events, words)
    whole = published(stage(words, partials=partials), stream(words, [10**6]), delays)
    assert events == whole, "the result depends on the audio alone"
    assert utterances(published(stage(words), stream(words, sizes))) == utterances(events)


def test_an_utterance_covers_its_words() -> None:
    events = published(stage(CONVERSATION), stream(CONVERSATION))
    spoken = {word.text: word for word in CONVERSATION}
    finals = utterances(events)
    assert len(finals) == 6, "a pause of 0.3 s does not part two turns"
    for utterance in finals:
        first, last = spoken[utterance.words[0].text], spoken[utterance.words[-1].text]
        assert sample(utterance.start_ns) == pytest.approx(first.first, abs=512)
        assert sample(utterance.end_ns) == pytest.approx(last.last, abs=512)
        for word in utterance.words:
            assert sample(word.start_ns) == pytest.approx(spoken[word.text].first, abs=512)
            assert sample(word.end_ns) == pytest.approx(spoken[word.text].last, abs=512)
            assert utterance.start_ns <= word.start_ns <= word.end_ns <= utterance.end_ns


@pytest.mark.parametrize("pre_roll_s", [0.0, 0.3, 1.0])
def test_the_engine_hears_a_little_before_and_after_but_never_a_turn_twice(pre_roll_s: float) -> None:
    talking = stage(CONVERSATION, pre_roll_s=pre_roll_s, partials=False)
    finals = utterances(published(talking, stream(CONVERSATION)))
    heard = talking.engine.transcribed
    for utterance, audio in zip(finals, heard, strict=True):
        assert (
            sample(utterance.start_ns) - round(pre_roll_s * RATE) <= audio.start <= sample(utterance.start_ns)
        )
        assert sample(utterance.end_ns) + 0.15 * RATE <= audio.stop <= sample(utterance.end_ns) + 0.25 * RATE
    for before, utterance in zip(finals, heard[1:], strict=False):
        assert utterance.start >= sample(before.end_ns)
    assert heard[0].start == max(0, sample(finals[0].start_ns) - round(pre_roll_s * RATE))


def test_activity_is_told_at_every_change_and_ten_times_a_second() -> None:
    events = published(stage(CONVERSATION), stream(CONVERSATION))
    told = activities(events)
    assert told[0].time_ns <= START_NS + seconds_to_ns(0.1) + WINDOW_NS
    for one, other in pairwise(told):
        assert 0 <= other.time_ns - one.time_ns <= seconds_to_ns(0.1) + WINDOW_NS
    turns = [(utterance.start_ns, utterance.end_ns) for utterance in utterances(events)]
    for activity in told:
        within = [turn for turn in turns if turn[0] <= activity.since_ns < turn[1]]
        assert activity.speech == bool(within)
        if within:
            assert activity.since_ns == within[0][0]
        else:
            assert activity.since_ns in {START_NS, *(end for _, end in turns)}
    changes = [other.speech for one, other in pairwise(told) if one.speech != other.speech]
    assert changes == [True, False] * len(turns)
    assert told[-1].last_utterance_end_ns == turns[-1][1]
    assert told[-1].transcribed_until_ns == told[-1].time_ns


@pytest.mark.parametrize("end_of_turn_s", [0.1, 0.3, 2.0])
def test_short_and_long_ends_of_turn_lose_nothing(end_of_turn_s: float) -> None:
    parameters = {"end_of_turn_s": end_of_turn_s, "min_speech_s": 0.032}
    events = published(stage(CONVERSATION, **parameters), stream(CONVERSATION), [0, 5])
    assert_all_is_said_once(events, CONVERSATION)
    assert_watermarks_hold(events, CONVERSATION)


@pytest.mark.parametrize("seed", range(5))
def test_a_long_utterance_is_cut_in_a_pause_and_nothing_is_lost(seed: int) -> None:
    words = talk((1.0, 100), (3.0, 2), seed=seed)
    events = published(stage(words, max_utterance_s=6.0), stream(words), [0, 20])
    assert_all_is_said_once(events, words)
    assert_watermarks_hold(events, words)
    finals = utterances(events)
    assert len(finals) >= 5
    assert all(
        utterance.end_ns - utterance.start_ns <= seconds_to_ns(6.0) + WINDOW_NS for utterance in finals
    )
    cuts = [other.start_ns for one, other in pairwise(finals) if other.start_ns == one.end_ns]
    assert len(cuts) >= 4
    for cut in cuts:
        assert not any(word.first + 512 < sample(cut) < word.last - 512 for word in words)


@pytest.mark.parametrize("tears_words", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_somebody_who_never_pauses_is_cut_and_no_word_is_lost_doubled_or_torn(seed, tears_words) -> None:
    rng, at, words = random.Random(seed), RATE, []
    for number in range(150):
        length = round(rng.uniform(0.1, 0.9) * RATE)
        words.append(Spoken(f"w{number}", at, at + length))
        at += length
    talking = stage(words, max_utterance_s=6.0, tears_words=tears_words)
    events = published(talking, stream(words), [0, 20])
    assert_all_is_said_once(events, words)
    assert_watermarks_hold(events, words)
    finals = utterances(events)
    assert len(finals) >= 10
    said = [" ".join(word.text for word in utterance.words) for utterance in finals]
    contexts = list(dict.fromkeys(talking.engine.contexts))
    assert contexts[: len(said)] == ["", *said[:-1]], "each part is understood after the one before"


def test_somebody_who_never_pauses_does_not_fill_the_memory() -> None:
    words = [Spoken("om", 0, 90 * RATE)]
    humming = stage(words, max_utterance_s=5.0)
    kept = 0
    for block in stream(words):
        for item in humming.listen(block):
            if isinstance(item, Segment) and item.final:
                humming.finish(item, None)
        kept = max(kept, sum(len(piece) for piece in humming._tape._pieces))
    assert 5 * RATE <= kept <= 6 * RATE


def test_what_is_being_said_when_the_audio_ends_is_written_down() -> None:
    words = talk((1.0, 3))
    for tail_s in (0.0, 0.2, 0.59):
        events = published(stage(words), stream(words, tail_s=tail_s))
        assert_all_is_said_once(events, words)
        assert_watermarks_hold(events, words)
        last = activities(events)[-1]
        assert not last.speech
        assert last.time_ns == START_NS + samples_to_ns(words[-1].last + round(tail_s * RATE), RATE)
        assert last.since_ns == last.last_utterance_end_ns == utterances(events)[0].end_ns


@pytest.mark.parametrize("jump_s", [-100.0, -3.0, 2.0, 1000.0])
@pytest.mark.parametrize("delay", [0, 1, 12])
def test_a_new_stream_starts_anew(jump_s: float, delay: int) -> None:
    """In the middle of speech, and while the engine still works on what was said before."""
    words = talk((1.0, 8), (0.7, 4), (2.0, 3))
    blocks = stream(words)
    middle = next(number for number, block in enumerate(blocks) if sample(block.time_ns) > words[9].first)
    jump_ns = seconds_to_ns(jump_s)
    after = [replace(block, time_ns=block.time_ns + jump_ns) for block in blocks[middle:]]
    after[0] = replace(after[0], restart=True)
    listening = stage(words)
    before_end_ns = blocks[middle].time_ns
    events = published(
        listening, [*blocks[:middle], Block(np.zeros(0, np.float32), before_end_ns, True), *after], [delay]
    )
    finals = utterances(events)
    assert [word.text for utterance in finals for word in utterance.words] == [word.text for word in words]
    assert [utterance.end_ns <= before_end_ns for utterance in finals[:2]] == [True, True]
    assert all(utterance.start_ns >= after[0].time_ns for utterance in finals[2:])
    last = activities(events)[-1]
    assert last.last_utterance_end_ns == finals[-1].end_ns
    assert last.transcribed_until_ns == last.time_ns


@pytest.mark.parametrize("delay", [0, 35])
def test_after_a_jump_back_what_was_said_before_is_told_until_the_audio_is_as_far_again(delay: int) -> None:
    """Whether it was written down before the jump or after it."""
    words = talk((1.0, 3))
    silence = stream(words, first=words[-1].last + RATE, tail_s=4.0)
    jump_ns = silence[0].time_ns - START_NS
    again = [replace(block, time_ns=block.time_ns - jump_ns) for block in silence]
    events = published(stage(words), [*stream(words), *again], [delay])
    start_ns = again[0].time_ns
    jump = next(
        number
        for number, event in enumerate(events)
        if number > 20 and isinstance(event, VoiceActivity) and event.since_ns == start_ns
    )
    (utterance,) = utterances(events)
    out = events.index(utterance)
    assert (out < jump) == (delay == 0)
    # Nothing of the new stream is transcribed while something of the old one is still to come.
    assert all(event.transcribed_until_ns < start_ns for event in activities(events[jump:out]))
    told = activities(events[max(jump, out) :])
    assert told[0].last_utterance_end_ns == utterance.end_ns
    for activity in told[1:]:
        later = utterance.end_ns > activity.time_ns
        assert activity.last_utterance_end_ns == (utterance.end_ns if later else 0)
        assert activity.transcribed_until_ns >= start_ns
    assert told[-1].time_ns > utterance.end_ns


def jump_back(words: list[Spoken], spoken: int, jump_s: float) -> list[Block]:
    """The stream of the words, of which so many are said before it jumps back, and the others after."""
    blocks = stream(words)
    at_ns = START_NS + samples_to_ns(words[spoken].first - RATE, RATE)
    middle = next(number for number, block in enumerate(blocks) if block.time_ns >= at_ns)
    jump_ns = seconds_to_ns(jump_s)
    before = [replace(block, time_ns=block.time_ns + jump_ns) for block in blocks[:middle]]
    return [*before, replace(blocks[middle], restart=True), *blocks[middle + 1 :]]


@pytest.mark.parametrize("delay", [20, 60, 1_000])
def test_the_watermarks_hold_when_the_stream_jumps_back_while_the_engine_lags(delay: int) -> None:
    """What waits of the old stream is later than all of the new one."""
    words = talk((1.0, 3), (3.0, 4), (1.0, 2))
    events = published(stage(words, partials=False), jump_back(words, 3, 100.0), [delay])
    later_ns = START_NS + seconds_to_ns(100.0)
    jump = events.index(next(told for told in activities(events) if told.time_ns < later_ns))
    old = [event for event in utterances(events) if event.start_ns >= later_ns]
    assert len(old) == 1
    assert events.index(old[0]) > jump
    new = [
        replace(event, last_utterance_end_ns=0)
        if isinstance(event, VoiceActivity) and event.last_utterance_end_ns == old[0].end_ns
        else event
        for event in events[jump:]
        if event not in old
    ]
    assert_watermarks_hold(new, words[3:])


def test_the_lag_is_that_of_the_utterance_that_waits_longest_even_when_the_stream_jumps_back() -> None:
    words = talk((1.0, 3), (3.0, 4), (1.0, 2))
    listening = stage(words, partials=False)
    blocks = jump_back(words, 3, 100.0)
    items = [item for block in blocks for item in listening.listen(block)]
    later, first, second = [item for item in items if isinstance(item, Segment)]
    assert later.start_ns > second.end_ns
    now_ns = blocks[-1].time_ns
    for segment, lag_ns in ((first, now_ns - first.end_ns), (second, now_ns - second.end_ns), (later, 0)):
        assert listening.lag_ns == lag_ns
        listening.finish(segment, None)
    assert listening.lag_ns == 0


def test_what_is_abandoned_leaves_nothing_behind() -> None:
    words = talk((1.0, 40))
    listening = stage(words, max_utterance_s=6.0, partials=False)
    items = [item for block in stream(words) for item in listening.listen(block)]
    first, second, *_ = [item for item in items if isinstance(item, Segment)]
    assert second.continues
    assert listening.transcribe(first) is not None
    assert listening.lag_ns > 0
    listening.abandon()
    assert listening.lag_ns == 0
    activity = listening.finish(second, None)
    assert activity.transcribed_until_ns == activity.time_ns
    assert listening.finish(first, None) == activity, "nobody waits for it any more"
    listening.transcribe(second)
    assert listening.engine.contexts == ["", ""], "what was said before is forgotten"


@pytest.mark.parametrize("abandoned", [False, True])
def test_where_the_engine_fails_partials_are_taken_back_unless_they_were_abandoned(abandoned: bool) -> None:
    words = talk((1.0, 12))
    listening = stage(words)
    items = [item for block in stream(words) for item in listening.listen(block)]
    *partials, final = [item for item in items if isinstance(item, Segment)]
    assert any(listening.transcribe(partial) for partial in partials)
    if abandoned:
        listening.abandon()
    taken_back = listening.taken_back(final)
    assert (taken_back is None) == abandoned
    if taken_back is not None:
        assert (taken_back.utterance_id, taken_back.text) == (final.utterance_id, "")


def test_a_final_that_says_nothing_is_not_the_latest_utterance() -> None:
    words = talk((1.0, 3), (1.0, 3))
    listening = stage(words, partials=False)
    items = [item for block in stream(words) for item in listening.listen(block)]
    first, second = [item for item in items if isinstance(item, Segment)]
    said, taken_back = listening.transcribe(first), listening.transcribe(second)
    assert said is not None
    assert taken_back is not None
    assert listening.finish(first, said).last_utterance_end_ns == said.end_ns
    empty = replace(taken_back, text="", words=())
    assert listening.finish(second, empty).last_utterance_end_ns == said.end_ns


@pytest.mark.parametrize("rest", [1, 300, 511])
def test_the_engine_hears_the_last_incomplete_window_of_a_stream(rest: int) -> None:
    words = [Spoken("so", RATE, 2 * RATE - 2 * RATE % 512 + rest)]
    listening = stage(words, partials=False)
    published(listening, stream(words, tail_s=0.0))
    assert [heard.stop for heard in listening.engine.transcribed] == [words[0].last]


def test_the_detector_starts_anew_with_each_stream() -> None:
    """What is left of the old stream, less than a window, does not come into the new one."""

    class Remembering(Oracle):
        """Knows where the windows begin that it has heard since it was reset."""

        def __init__(self, words: list[Spoken]) -> None:
            super().__init__(words)
            self.windows: list[list[int]] = []

        def reset(self) -> None:
            self.windows.append([])

        def probability(self, window: np.ndarray) -> float:
            self.windows[-1].append(int(window[0]))
            return super().probability(window)

    words = talk((1.0, 3))
    detector = Remembering(words)
    listening = SpeechStage(SpeechParameters(), detector, detector)
    for number, block in enumerate(stream(words, [5_000], tail_s=6.0)[:20]):
        list(listening.listen(replace(block, restart=number in (0, 10))))
    assert detector.windows[-2:] == [[*range(0, 49_489, 512)], [*range(50_000, 99_489, 512)]]


@pytest.mark.parametrize("pre_roll_s", [0.0, 0.3])
def test_after_a_cut_without_a_pause_the_next_part_begins_half_a_second_before_it(pre_roll_s: float) -> None:
    words = [Spoken("om", RATE, 15 * RATE)]
    _, finals = passes(stage(words, max_utterance_s=6.0, pre_roll_s=pre_roll_s, partials=False), words)
    assert [final.continues for final in finals] == [False, *[True] * (len(finals) - 1)]
    assert len(finals) > 2
    for before, after in pairwise(finals):
        assert before.end_ns == after.start_ns
        assert before.audio_start_ns + before.audio_ns - before.end_ns == pytest.approx(5e8, abs=1e5)
        assert after.start_ns - after.audio_start_ns == pytest.approx(5e8, abs=1e5)


def test_partials_come_while_somebody_speaks_and_have_the_id_of_their_final() -> None:
    words = talk((1.0, 12), (1.0, 2))
    assert utterances(published(stage(words, partials=False), stream(words)), final=False) == []
    events = published(stage(words, partial_interval_s=0.5, partial_load=10.0), stream(words))
    assert_all_is_said_once(events, words)
    assert_watermarks_hold(events, words)
    first, _second = utterances(events)
    partials = [partial for partial in utterances(events, final=False) if partial.start_ns == first.start_ns]
    assert len(partials) >= 4
    for partial in partials:
        assert partial.utterance_id == first.utterance_id
        assert f"{first.text} ".startswith(f"{partial.text} ")
        assert events.index(partial) < events.index(first)
    lengths = [len(partial.words) for partial in partials]
    assert lengths == sorted(set(lengths))
    times = [partial.end_ns for partial in partials]
    assert min(other - one for one, other in pairwise(times)) >= seconds_to_ns(0.2)


def passes(talking: SpeechStage, words: list[Spoken]) -> tuple[list[Segment], list[Segment]]:
    """The segments of partials and of finals that the engine is given."""
    given = [item for block in stream(words) for item in talking.listen(block) if isinstance(item, Segment)]
    return [item for item in given if not item.final], [item for item in given if item.final]


@pytest.mark.parametrize("overhead_s", [0.0, 8.0])
@pytest.mark.parametrize("load", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("words", [1, 4, 15])
def test_partials_cost_no_more_than_they_may(load: float, words: int, overhead_s: float) -> None:
    """Give or take the credit that every first partial may need."""
    talking = talk(*[(1.0, words)] * (60 // words))
    listening = stage(talking, overhead_s, partial_load=load)
    published(listening, stream(talking))
    costs = [overhead_s + len(heard) / RATE for heard in listening.engine.transcribed]
    quiet = stage(talking, partials=False)
    published(quiet, stream(talking))
    finals = sum(overhead_s + len(heard) / RATE for heard in quiet.engine.transcribed)
    credit = 3 * (overhead_s + 1.2)
    assert sum(costs) <= (1 + load) * finals + credit


def test_a_first_partial_comes_within_a_second_of_speech() -> None:
    words = talk(*[(1.0, 12)] * 10)
    events = published(stage(words), stream(words))
    first: dict[str, int] = {}
    for number, event in enumerate(events):
        if isinstance(event, Utterance) and not event.final:
            told = next(item for item in reversed(events[:number]) if isinstance(item, VoiceActivity))
            first.setdefault(event.utterance_id, told.time_ns - event.start_ns)
    assert len(first) == len(utterances(events))
    assert max(first.values()) <= seconds_to_ns(1.0)


def test_a_turn_that_ends_where_a_partial_listened_is_not_understood_again() -> None:
    words = talk((1.0, 3), (1.0, 5))
    talking = stage(words, partial_load=10.0)
    partials, finals = passes(stage(words, partial_load=10.0), words)
    for final in finals:
        same = [p for p in partials if (p.utterance_id, p.end_ns) == (final.utterance_id, final.end_ns)]
        assert np.array_equal(same[-1].audio, final.audio)
    published(talking, stream(words))
    assert len(talking.engine.transcribed) == len(partials)


def test_a_partial_ends_with_the_speech_and_not_in_the_pause_after_it() -> None:
    words = talk((1.0, 2), (0.5, 3), (1.0, 1))
    partials, _ = passes(stage(words, partial_load=10.0, partial_interval_s=0.2), words)
    for partial in partials:
        sound = [word for word in words if word.first - 512 <= sample(partial.end_ns) <= word.last + 512]
        assert sound, "somebody speaks at the end of a partial"


def test_changed_parameters_count_at_once() -> None:
    words = talk((1.0, 12))
    talking = stage(words, partials=False)
    blocks = stream(words)
    assert not utterances(published(talking, blocks[:20]), final=False)
    talking.parameters = SpeechParameters(partials=True, partial_interval_s=0.2, partial_load=10.0)
    assert talking.parameters.partials
    assert utterances(published(talking, blocks[20:]), final=False)


def test_where_nothing_is_understood_there_is_no_utterance_and_nobody_waits_for_it() -> None:
    words = talk((1.0, 3))
    listening = stage(words)
    listening.engine.transcribe = lambda audio, context: Transcript("", (), "", 0.0)
    listening = SpeechStage(SpeechParameters(), Oracle(words), listening.engine)
    events = published(listening, stream(words), [3])
    assert utterances(events) == []
    last = activities(events)[-1]
    assert (last.transcribed_until_ns, last.last_utterance_end_ns) == (last.time_ns, 0)
