"""Parameters of audio capture."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter


@dataclass(frozen=True)
class CaptureParameters(Parameters):
    """Parameters of the audio_capture node."""

    source: str = parameter(
        "microphone", "'microphone', or the path of an audio file to play", read_only=True
    )
    device: str = parameter(
        "",
        "Microphone: its number, its name or a part of it, as 'stalk devices' shows; empty = the default one",
        read_only=True,
    )
    channels: str = parameter(
        "",
        "Channels of the microphone that are mixed, counted from 0, such as '0' or '1,2,3,4'; empty = all",
        read_only=True,
    )
    rate: float = parameter(
        1.0,
        "Speed of a file: 1 = real time, 2 = twice as fast, 0 = as fast as possible",
        minimum=0.0,
        maximum=100.0,
    )
    chunk_s: float = parameter(
        0.1, "Length of an AudioChunk in seconds", minimum=0.01, maximum=1.0, read_only=True
    )
    frame_id: str = parameter("microphone", "Name of the microphone in the headers", read_only=True)
    listeners: int = parameter(
        2,
        "A file waits until this many subscribers listen, so that nothing of it is missed",
        minimum=0,
        maximum=100,
    )


@dataclass(frozen=True)
class AudioCommonInParameters(Parameters):
    """Parameters of the audio_common_in node."""

    frame_id: str = parameter(
        "microphone", "Name of the microphone where the audio that comes has none", read_only=True
    )
