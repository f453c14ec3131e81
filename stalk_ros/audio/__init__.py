"""Audio in: sources, and the 16 kHz mono stream the stages work on."""

from stalk_ros.audio.chunks import SAMPLE_RATE_HZ, AudioChunk, Block

__all__ = ["SAMPLE_RATE_HZ", "AudioChunk", "Block"]
