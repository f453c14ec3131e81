"""A robot that says what it is offered, among people who wait until it has spoken."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.clock import ns_to_samples, samples_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.offline.conversation import Conversation

    Samples = npt.NDArray[np.float32]

_CHUNK = SAMPLE_RATE_HZ // 10

_AFTER_S = 0.9
"""People wait for so long when the robot has spoken: more ends an utterance."""


@dataclass(frozen=True)
class Robot:
    """Speaks with a voice of espeak-ng, so long after an offer, by a gain."""

    voice: str
    delay_s: float
    gain: float

    def says(self, text: str) -> Samples:
        """The sentence after the delay, 16 kHz.

        Raises:
            UserError: espeak-ng is missing.
        """
        try:
            command = ["espeak-ng", "--stdout", "-v", self.voice, "--", text]
            wave = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        except FileNotFoundError:
            raise UserError("the robot speaks by espeak-ng: sudo apt install espeak-ng") from None
        speech, rate = soundfile.read(io.BytesIO(wave), dtype="float32")
        delay = np.zeros(round(self.delay_s * SAMPLE_RATE_HZ), np.float32)
        return np.concatenate([delay, self.gain * soxr.resample(speech, rate, SAMPLE_RATE_HZ)])


@dataclass(frozen=True)
class Heard:
    """A final utterance, and the part of it in which the robot speaks, 0..1."""

    utterance: Utterance
    robot_share: float


def meet(robot: Robot, people: Samples, conversation: Conversation) -> list[Heard]:
    """Let a robot say what it is offered, while people talk; returns all that was heard.

    Args:
        robot: speaks when it has an offer; people, who were about to go on, wait.
        people: what they say, 16 kHz.
        conversation: listens to both.
    """
    told: list[Utterance] = []
    said: list[tuple[int, int]] = []
    waiting = np.zeros(0, np.float32)
    at = first = 0
    while at < len(people):
        if len(waiting):
            samples, waiting = waiting[:_CHUNK], waiting[_CHUNK:]
        else:
            samples, at = people[at : at + _CHUNK], at + _CHUNK
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)
        chunk = AudioChunk(pcm, SAMPLE_RATE_HZ, 1, first, samples_to_ns(first, SAMPLE_RATE_HZ))
        first += len(pcm)
        for event in conversation.feed(chunk):
            if isinstance(event, Suggestion) and event.status is SuggestionStatus.OFFERED:
                speech = robot.says(event.text)
                said.append((first, first + len(speech)))
                waiting = np.concatenate([speech, np.zeros(round(_AFTER_S * SAMPLE_RATE_HZ), np.float32)])
            elif isinstance(event, Utterance) and event.final and event.text:
                told.append(event)
    return [Heard(utterance, _share(utterance, said)) for utterance in told]


def _share(utterance: Utterance, said: list[tuple[int, int]]) -> float:
    start, end = (ns_to_samples(ns, SAMPLE_RATE_HZ) for ns in (utterance.start_ns, utterance.end_ns))
    return sum(max(0, min(end, last) - max(start, first)) for first, last in said) / (end - start)
