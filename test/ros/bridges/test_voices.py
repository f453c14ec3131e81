from __future__ import annotations

from stalk_ros.clock import NANOSECONDS, seconds_to_ns
from stalk_ros.events import ROBOT, Utterance, VoiceActivity
from stalk_ros.ros.bridges.voices import KEPT_NS, MAX_VOICES, Match, Speaking, Speech, Tracked, Voices

START_NS = 1_700_000_000 * NANOSECONDS


def said(speaker: str, text: str = "hello", at_s: float = 1.0, **more) -> Utterance:
    start_ns = START_NS + seconds_to_ns(at_s)
    fields = {"utterance_id": f"u{at_s}", "speaker_confidence": 0.8, **more}
    return Utterance(
        start_ns=start_ns, end_ns=start_ns + NANOSECONDS, text=text, speaker_id=speaker, **fields
    )


def activity(at_s: float, speech: bool = True) -> VoiceActivity:
    return VoiceActivity(START_NS + seconds_to_ns(at_s), speech, 0.9, 0, 0)


def kinds(events: list) -> list[type]:
    return [type(event) for event in events]


def id_of(events: list) -> str:
    (speech,) = (event for event in events if isinstance(event, Speech))
    return speech.voice_id


def test_a_voice_is_tracked_before_it_begins_speaks_and_ceases() -> None:
    voices = Voices()
    partial = voices.hear(said("S1", "how", final=False))
    assert kinds(partial) == [Tracked, Speaking, Speech]
    voice_id = id_of(partial)
    assert partial[0].voice_ids == (voice_id,)
    assert partial[1] == Speaking(voice_id, True)
    final = voices.hear(said("S1", "how are you"))
    assert kinds(final) == [Speech, Speaking]
    assert final[1] == Speaking(voice_id, False)


def test_ids_tell_voices_apart_and_are_new_in_each_session() -> None:
    ids = []
    for _ in range(2):
        voices = Voices()
        first, second = (id_of(voices.hear(said(speaker))) for speaker in ("S1", "S2"))
        assert id_of(voices.hear(said("S1", at_s=5.0))) == first
        ids += [first, second]
    assert len(set(ids)) == 4
    assert all(name.isalpha() and name.isascii() for name in ids)


def test_the_end_of_voice_activity_is_the_end_of_speaking() -> None:
    voices = Voices()
    voice_id = id_of(voices.hear(said("S1", final=False)))
    assert Speaking(voice_id, False) in voices.follow(activity(2.0, speech=False))
    # Late: settling finals come again as partials, when nobody speaks.
    assert kinds(voices.hear(said("S1", final=False))) == [Speech]


def test_a_partial_that_turns_out_to_be_of_another_voice_ends_the_first() -> None:
    voices = Voices()
    first = id_of(voices.hear(said("S1", final=False)))
    events = voices.hear(said("S2", final=False))
    assert Speaking(first, False) in events
    assert Speaking(id_of(events), True) in events


def test_two_who_speak_at_once_both_speak() -> None:
    voices = Voices()
    first = voices.hear(said("S1", final=False, utterance_id="a"))
    second = voices.hear(said("S2", final=False, utterance_id="b"))
    assert Speaking(id_of(first), False) not in second
    assert voices.hear(said("S1", utterance_id="a"))[-1] == Speaking(id_of(first), False)


def test_the_robot_is_nobody_and_ends_the_partial_that_was_taken_for_somebody() -> None:
    voices = Voices()
    assert voices.hear(said(ROBOT)) == []
    voice_id = id_of(voices.hear(said("S1", final=False)))
    assert voices.hear(said(ROBOT)) == [Speaking(voice_id, False)]


def test_a_final_without_text_ends_the_partial_and_says_nothing() -> None:
    voices = Voices()
    voice_id = id_of(voices.hear(said("S1", final=False)))
    assert voices.hear(said("S1", "")) == [Speaking(voice_id, False)]
    assert voices.hear(said("S2", "", at_s=9.0)) == []


def test_partials_of_unknown_voices_wait_and_their_finals_share_a_voice() -> None:
    voices = Voices()
    assert voices.hear(said("", final=False, speaker_confidence=0.0)) == []
    first = voices.hear(said("", speaker_confidence=0.0))
    assert kinds(first) == [Tracked, Speech]
    assert id_of(voices.hear(said("", at_s=4.0, speaker_confidence=0.0))) == id_of(first)
    assert id_of(voices.hear(said("S1", at_s=6.0))) != id_of(first)


def test_who_is_enrolled_is_matched_with_each_final() -> None:
    voices = Voices()
    events = voices.hear(said("S7", speaker_name="Ada", final=False))
    voice_id = id_of(events)
    match = Match(voice_id, "stalk_S7", 0.8)
    assert events.index(match) < kinds(events).index(Speech)
    assert match not in voices.hear(said("S7", "hello again", speaker_name="Ada", final=False))
    assert match in voices.hear(said("S7", speaker_name="Ada"))
    assert id_of(voices.hear(said("S8"))) != voice_id
    assert Match not in kinds(voices.hear(said("S8", at_s=8.0)))


def test_a_person_that_was_forgotten_is_unmatched() -> None:
    voices = Voices()
    voice_id = id_of(voices.hear(said("S7", speaker_name="Ada")))
    assert Match(voice_id, "stalk_S7", 0.0) in voices.hear(said("S7", at_s=5.0))
    assert Match not in kinds(voices.hear(said("S7", at_s=9.0)))


def test_a_voice_that_is_silent_for_long_is_not_tracked_and_comes_back_under_its_id() -> None:
    voices = Voices()
    voice_id = id_of(voices.hear(said("S1", speaker_name="Ada")))
    kept_s = KEPT_NS / NANOSECONDS
    voices.follow(activity(2.0 + kept_s - 0.1, speech=False))
    assert voices.voice_ids == (voice_id,)
    lost = voices.follow(activity(2.0 + kept_s + 0.1, speech=False))
    assert Match(voice_id, "stalk_S1", 0.0) in lost
    assert [event.voice_ids for event in lost if isinstance(event, Tracked)][-1] == ()
    back = voices.hear(said("S1", at_s=100.0))
    assert (kinds(back)[0], id_of(back)) == (Tracked, voice_id)


def test_only_so_many_voices_are_tracked_and_the_most_silent_one_goes() -> None:
    voices = Voices()
    ids = [id_of(voices.hear(said(f"S{number}", at_s=number))) for number in range(MAX_VOICES)]
    voices.hear(said("S0", at_s=50.0))
    events = voices.hear(said("another", at_s=60.0, final=False))
    assert len(voices.voice_ids) == MAX_VOICES
    assert set(ids) - set(voices.voice_ids) == {ids[1]}
    assert events[-1].utterance.speaker_id == "another"


def test_who_is_tracked_is_said_again_each_second() -> None:
    voices = Voices()
    voices.hear(said("S1"))
    told = [
        event
        for number in range(50)
        for event in voices.follow(activity(1.0 + number / 10))
        if isinstance(event, Tracked)
    ]
    assert 4 <= len(told) <= 6
    assert {event.voice_ids for event in told} == {voices.voice_ids}
    assert told[-1].time_ns >= told[0].time_ns + 3 * NANOSECONDS


def test_another_stream_has_other_voices() -> None:
    voices = Voices()
    voices.follow(activity(500.0))
    voice_id = id_of(voices.hear(said("S1", at_s=499.0, final=False)))
    events = voices.follow(activity(0.0))
    assert Speaking(voice_id, False) in events
    assert voices.voice_ids == ()
    assert id_of(voices.hear(said("S1"))) != voice_id


def test_in_the_end_nobody_is_tracked() -> None:
    voices = Voices()
    first = id_of(voices.hear(said("S1", final=False)))
    voices.hear(said("S2", at_s=3.0))
    events = voices.end()
    assert Speaking(first, False) in events
    assert events[-1].voice_ids == ()
    assert voices.end() == []
