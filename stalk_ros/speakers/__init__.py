"""Speakers: who said what."""

from stalk_ros.speakers.embedding import Calibration, SpeakerEmbedder
from stalk_ros.speakers.parameters import SpeakerParameters
from stalk_ros.speakers.stage import SpeakerStage

__all__ = ["Calibration", "SpeakerEmbedder", "SpeakerParameters", "SpeakerStage"]
