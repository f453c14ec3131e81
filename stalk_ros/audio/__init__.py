"""Audio in: sources, and the 16 kHz mono stream the stages work on."""

from stalk_ros.audio.audio_common import Coding, UnreadableFormatError, coding_of, piece_of_fields
from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk, Block
from stalk_ros.audio.devices import Device, portaudio
from stalk_ros.audio.devices import devices as list_devices
from stalk_ros.audio.file import AudioFile
from stalk_ros.audio.level import LevelMeter
from stalk_ros.audio.microphone import Microphone, Recording
from stalk_ros.audio.mp3 import Mp3Stream, is_mp3
from stalk_ros.audio.parameters import AudioCommonInParameters, CaptureParameters
from stalk_ros.audio.piece import Piece
from stalk_ros.audio.raw import SAMPLE_FORMATS, decode, to_int16
from stalk_ros.audio.sources import AudioSource
from stalk_ros.audio.steady import SteadyStream
from stalk_ros.audio.stream import AudioStream
from stalk_ros.audio.succession import MalformedAudioError, Succession, malformed
from stalk_ros.audio.tape import Tape, TapeStore

__all__ = [
    "SAMPLE_FORMATS",
    "SAMPLE_RATE_HZ",
    "AudioChunk",
    "AudioCommonInParameters",
    "AudioFile",
    "AudioSource",
    "AudioStream",
    "Block",
    "CaptureParameters",
    "Coding",
    "Device",
    "LevelMeter",
    "MalformedAudioError",
    "Microphone",
    "Mp3Stream",
    "Piece",
    "Recording",
    "SteadyStream",
    "Succession",
    "Tape",
    "TapeStore",
    "UnreadableFormatError",
    "coding_of",
    "decode",
    "is_mp3",
    "list_devices",
    "malformed",
    "piece_of_fields",
    "portaudio",
    "to_int16",
]
