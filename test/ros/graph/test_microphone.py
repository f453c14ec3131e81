"""The installed programs listen to a microphone: what is played in its room is heard as in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

import stalk_ros.msg as msg
from bench.likeness import Heard, heard, place
from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import samples_to_ns
from stalk_ros.ros import conversions, qos

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import numpy.typing as npt

NODES = ("topic_recommender", "diarization", "asr", "audio_capture")
TURNS = 11
"""The first lapse comes after nine turns: three voices, an offer, and its withdrawal when somebody speaks."""

QUIET_S = 2.0
NEAR_S = 0.1


@pytest.fixture
def talk(sample: Path, sample_truth: dict[str, Any]) -> npt.NDArray[np.int16]:
    """The beginning of the sample, and a little silence."""
    samples, _ = soundfile.read(sample, dtype="int16")
    end = round(sample_truth["turns"][TURNS - 1]["end"] * SAMPLE_RATE_HZ)
    return np.concatenate([samples[:end], np.zeros(round(QUIET_S * SAMPLE_RATE_HZ), np.int16)])


class Listener:
    """Hears what the nodes publish."""

    def __init__(self, graph) -> None:
        self._graph = graph
        self._utterances = graph.collect(msg.SpeakerUtterance, "/stalk/utterances")
        self._suggestions = graph.collect(msg.TopicSuggestion, "/stalk/suggestions")
        self._states = graph.collect(msg.ConversationState, "/stalk/conversation_state")
        self.audio = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())

    def ready(self) -> bool:
        """Whether every node hears what it needs: the last of them says how the silence goes."""
        probe = self._graph.probe
        listening = {"audio": 3, "transcript": 1, "utterances": 2, "voice_activity": 2}
        links = (probe.count_subscribers(f"/stalk/{topic}") >= least for topic, least in listening.items())
        return bool(self._states) and all(links)

    @property
    def heard(self) -> Heard:
        utterances = [conversions.utterance_from_msg(message) for message in list(self._utterances)]
        suggestions = [conversions.suggestion_from_msg(message) for message in list(self._suggestions)]
        return Heard.of([*utterances, *suggestions])

    def offset_ns(self, sound: npt.NDArray[np.int16]) -> int:
        """When the sound began."""
        chunks = list(self.audio)
        recorded = np.concatenate([np.asarray(chunk.samples, np.int16) for chunk in chunks])
        first_ns = conversions.to_ns(chunks[0].header.stamp)
        return first_ns + samples_to_ns(place(sound, recorded), SAMPLE_RATE_HZ)


@pytest.mark.slow
def test_what_is_played_in_the_room_is_heard_as_in_the_file(
    graph, start, sound_server, tmp_path, talk
) -> None:
    file = tmp_path / "talk.wav"
    soundfile.write(file, talk, SAMPLE_RATE_HZ)
    expected = heard(talk)
    assert len(set(expected.speakers)) == 3
    assert [status for status, _ in expected.offers] == ["OFFERED", "WITHDRAWN"]
    listener = Listener(graph)
    for node in NODES:
        start(node, "--ros-args", "-r", "__ns:=/stalk")
    graph.wait(listener.ready, "that all listen")
    player = sound_server.play(file)
    said = len(expected.utterances)
    graph.wait(lambda: len(listener.heard.utterances) >= said, "the last utterance")
    assert player.wait() == 0
    found = listener.heard
    assert found.texts == expected.texts
    assert found.speakers == expected.speakers
    assert found.offers == expected.offers
    assert found.farthest_s(expected, listener.offset_ns(talk)) < NEAR_S
