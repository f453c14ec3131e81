from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stalk_ros.audio import AudioChunk, AudioFile
from stalk_ros.clock import samples_to_ns
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """A quiet tone of 440 Hz that sounds in the last channel only."""
    audio = np.zeros((round(seconds * rate), channels), np.float32)
    audio[:, -1] = 0.2 * np.sin(2 * np.pi * 440 * np.arange(len(audio)) / rate)
    return audio


def joined(chunks: list[AudioChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize(
    ("rate", "channels", "seconds", "suffix"),
    [
        (16_000, 1, 2.0, "wav"),
        (8_000, 1, 2.375, "wav"),
        (96_000, 8, 1.5, "wav"),
        (44_100, 2, 2.3, "flac"),
        (48_000, 1, 0.1, "flac"),
        (22_050, 2, 1.0, "ogg"),
    ],
)
def test_any_rate_and_channel_count_becomes_16_khz_mono(tmp_path, rate, channels, seconds, suffix) -> None:
    path = tmp_path / f"a file.{suffix}"
    soundfile.write(path, tone(seconds, rate, channels), rate)
    source = AudioFile(path)
    chunks = list(source.chunks())
    assert source.duration_s == pytest.approx(seconds, abs=1e-9)
    audio = joined(chunks)
    assert len(audio) == pytest.approx(seconds * 16_000, abs=1)
    expected = tone(seconds, 16_000)[:, 0] * 32768 / channels
    tolerance = 300 if suffix == "ogg" else 12
    np.testing.assert_allclose(audio[400:-400], expected[: len(audio)][400:-400], atol=tolerance)


@pytest.mark.parametrize("chunk_s", [0.1, 0.0375, 1.0, 10.0])
def test_chunks_follow_each_other_exactly_and_an_empty_one_ends_them(tmp_path: Path, chunk_s: float) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(2.6543, 44_100), 44_100)
    *chunks, last = AudioFile(path, start_ns=7, chunk_s=chunk_s, frame_id="desk").chunks()
    first = 0
    for chunk in [*chunks, last]:
        assert (chunk.sample_rate_hz, chunk.channels, chunk.frame_id) == (16_000, 1, "desk")
        assert chunk.first_sample == first
        assert chunk.stamp_ns == 7 + samples_to_ns(first, 16_000)
        assert chunk.samples.dtype == np.int16
        first += len(chunk.samples)
    assert len(last.samples) == 0
    assert {len(chunk.samples) for chunk in chunks[:-1]} <= {round(chunk_s * 16_000)}
    np.testing.assert_array_equal(joined(chunks), joined(list(AudioFile(path).chunks())))


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_what_is_no_number_is_silence_and_what_is_too_loud_is_clipped(tmp_path: Path, rate: int) -> None:
    audio = np.full((rate, 2), np.nan, np.float32)
    audio[rate // 4 : rate // 2] = np.inf
    audio[rate // 2 : rate // 4 * 3] = -3e38
    soundfile.write(tmp_path / "a.wav", audio, rate, subtype="FLOAT")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        samples = joined(list(AudioFile(tmp_path / "a.wav").chunks()))
    for at_s, value in ((0.1, 0), (0.35, 32767), (0.6, -32768), (0.9, 0)):
        assert samples[round(at_s * 16_000)] == pytest.approx(value, abs=40)


def test_it_stops_when_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(30, 16_000), 16_000)
    source = AudioFile(tmp_path / "a.wav")
    chunks = source.chunks()
    heard = [next(chunks)]
    source.stop()
    heard += chunks
    assert len(joined(heard)) <= 2 * 16_000
    assert len(heard[-1].samples) == 0


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as error:
        list(AudioFile(path).chunks())
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.wav") == f"there is no file '{tmp_path / 'none.wav'}'"
    assert refusal(tmp_path).endswith("is a folder or a pipe, not an audio file")
    assert refusal(tmp_path / ("long" * 100)).endswith(": File name too long")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.wav", b""),
        ("notes.txt", b"Buy milk.\n"),
        ("film.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(500)),
        ("lies.wav", b"This is no audio, whatever its name says."),
        ("headerless.raw", bytes(3200)),
    ],
)
def test_a_file_that_is_no_audio_is_told_with_how_to_convert_it(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = written(tmp_path, name, data)
    assert refusal(path).endswith(f"; convert it with: ffmpeg -i '{path}' -vn audio.wav")


def test_a_file_without_a_sample(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 1)), 16_000)
    assert refusal(tmp_path / "a.wav").endswith("holds no audio")


def test_a_flac_file_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", tone(3, 16_000), 16_000)
    data = bytearray((tmp_path / "a.flac").read_bytes())
    # The number of samples, 36 bits, is zero where an encoder wrote to a pipe.
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert "does not say how long it is" in refusal(written(tmp_path, "piped.flac", bytes(data)))


def test_a_damaged_file_is_read_up_to_the_damage(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    soundfile.write(tmp_path / "a.flac", rng.uniform(-0.2, 0.2, 160_000), 16_000)
    data = (tmp_path / "a.flac").read_bytes()
    path = written(tmp_path, "cut.flac", data[: len(data) // 2])
    assert "is damaged at 4." in refusal(path)
    chunks, seconds = AudioFile(path).chunks(), 0.0
    with pytest.raises(UserError):
        for chunk in chunks:
            seconds += len(chunk.samples) / 16_000
    assert 3.9 <= seconds <= 5.0


def test_a_name_of_any_bytes(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.2, 16_000), 16_000)
    path = (tmp_path / "a.wav").rename(tmp_path / "caf\udce9 \u200b'$(x).wav")
    assert len(joined(list(AudioFile(path).chunks()))) == 3_200
