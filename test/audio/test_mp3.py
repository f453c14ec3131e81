from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from stalk_ros.audio import MalformedAudioError, Mp3Stream, is_mp3
from stalk_ros.audio.mp3_frames import frame_of

DELAY = 1105


def sound_of(rate: int, channels: int, seconds: int = 3) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, 0.1, (rate * seconds, channels))
    return noise * np.sin(np.arange(rate * seconds) / rate * 3)[:, None]


def decoded(pieces: list[bytes]) -> np.ndarray:
    stream = Mp3Stream()
    return np.concatenate([piece.samples for data in pieces if (piece := stream.piece(data))])


@pytest.mark.parametrize(
    ("rate", "channels", "level"), [(16_000, 1, 0.5), (16_000, 1, 0.99), (32_000, 1, 0.99), (44_100, 2, 0.5)]
)
def test_frames_that_come_one_by_one_sound_as_in_a_file(rate, channels, level, mp3_frames, capfd) -> None:
    frames = mp3_frames(sound_of(rate, channels), rate, level)
    lead = frame_of(frames[0]).lead()  # with which libsndfile does not guess too short a length
    with soundfile.SoundFile(io.BytesIO(lead + b"".join(frames))) as file:
        whole = file.read((1 + len(frames)) * (1_152 if rate >= 32_000 else 576), dtype="float32")
    whole = whole[-len(whole) * len(frames) // (1 + len(frames)) :]
    made = decoded(frames)
    np.testing.assert_allclose(made, np.clip(whole.ravel() * 32_768, -32_768, 32_767), atol=1.5)
    joined = b"".join(frames)
    pieces = [joined[at : at + 777] for at in range(0, len(joined), 777)]
    np.testing.assert_allclose(decoded(pieces), made, atol=1)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("rate", [16_000, 32_000])
def test_a_stream_that_is_heard_from_its_middle_lacks_only_its_first_frames(rate, mp3_frames, capfd) -> None:
    frames = mp3_frames(sound_of(rate, 1), rate, 0.99)
    made, later = decoded(frames), decoded(frames[20:])
    half = len(later) // 2
    np.testing.assert_allclose(later[half:], made[-len(later) :][half:], atol=1)
    assert capfd.readouterr().err == ""


def test_the_delay_of_the_coding_is_told(mp3_frames) -> None:
    sound = np.zeros(16_000)
    sound[8_000] = 0.9
    stream = Mp3Stream()
    pieces = [stream.piece(frame) for frame in mp3_frames(sound, 16_000)]
    assert {piece.delay for piece in pieces} == {DELAY}
    samples = np.concatenate([piece.samples for piece in pieces])
    assert np.abs(samples.astype(int)).argmax() - DELAY == 8_000


def test_what_is_no_mp3_is_refused_and_what_follows_is_heard(mp3_frames) -> None:
    stream = Mp3Stream()
    with pytest.raises(MalformedAudioError, match="no MP3"):
        stream.piece(bytes(500))
    frame = mp3_frames(sound_of(16_000, 1), 16_000)[0]
    assert stream.piece(frame[:50]) is None
    piece = stream.piece(frame[50:])
    assert (piece.frames, piece.sample_rate_hz, piece.channels) == (576, 16_000, 1)
    assert piece.delay == DELAY + 576 * 50 // len(frame)
    assert is_mp3(frame * 2)
    assert not is_mp3(frame + b"\0")
    assert not is_mp3(b"")
