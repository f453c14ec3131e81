"""Microphones as a source, through PyAudio.

A `Recording` takes blocks from PortAudio's thread, a `CaptureClock` finds when they were captured, a `Mixer`
makes 16 kHz mono of them and a `Cutter` chunks. A `Microphone` is all of this, for as long as it takes.
"""

from stalk_ros.audio.microphone.recording import Recording
from stalk_ros.audio.microphone.source import Microphone

__all__ = ["Microphone", "Recording"]
