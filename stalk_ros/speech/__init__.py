"""Speech: voice activity, endpointing and transcription."""

from stalk_ros.speech.parameters import SpeechParameters
from stalk_ros.speech.side_by_side import SideBySide
from stalk_ros.speech.stage import SpeechStage
from stalk_ros.speech.transcription import Removal, Segment, TranscribedWord, Transcriber, Transcript
from stalk_ros.speech.voice_activity import VoiceDetector

__all__ = [
    "Removal",
    "Segment",
    "SideBySide",
    "SpeechParameters",
    "SpeechStage",
    "TranscribedWord",
    "Transcriber",
    "Transcript",
    "VoiceDetector",
]
