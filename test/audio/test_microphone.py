from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from stalk_ros.audio import Microphone
from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError

NOW_NS = 1_700_000_000_000_000_000


class Device:
    """PyAudio with one microphone, which hears the numbers from 0 on and breaks at ``ends_at``."""

    def __init__(self) -> None:
        self.ends_at, self.present = 10**9, True
        self.position, self.opened, self.closed, self.terminated = 0, {}, False, False

    def open(self, **options: Any) -> Device:
        if not self.present:
            raise OSError(-9996, "Invalid input device (no default output device)")
        self.opened = options
        return self

    def read(self, frames: int, exception_on_overflow: bool) -> bytes:
        assert not exception_on_overflow
        self.position += frames
        if self.position > self.ends_at:
            raise OSError(-9999, "Unanticipated host error")
        return np.arange(self.position - frames, self.position).astype(np.int16).tobytes()

    def close(self) -> None:
        self.closed = True

    def terminate(self) -> None:
        self.terminated = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device, module = Device(), ModuleType("pyaudio")
    module.PyAudio, module.paInt16 = lambda: device, 8
    monkeypatch.setitem(sys.modules, "pyaudio", module)
    return device


def test_without_pyaudio_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pyaudio")
    with pytest.raises(UserError) as error:
        Microphone(lambda: 0)
    assert str(error.value) == (
        "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
    )


def test_chunks_count_samples_from_the_moment_the_first_was_heard(device: Device) -> None:
    microphone = Microphone(lambda: NOW_NS, chunk_s=0.05, frame_id="head")
    chunks = []
    for chunk in microphone.chunks():
        chunks.append(chunk)
        if len(chunks) == 3:
            microphone.stop()
    assert (device.opened["rate"], device.opened["channels"], device.opened["frames_per_buffer"]) == (
        16_000,
        1,
        800,
    )
    assert [len(chunk.samples) for chunk in chunks] == [800, 800, 800, 0]
    assert [chunk.first_sample for chunk in chunks] == [0, 800, 1_600, 2_400]
    first_ns = NOW_NS - seconds_to_ns(0.05)
    assert [chunk.stamp_ns - first_ns for chunk in chunks] == [seconds_to_ns(0.05 * n) for n in range(4)]
    assert {(chunk.sample_rate_hz, chunk.channels, chunk.frame_id) for chunk in chunks} == {
        (16_000, 1, "head")
    }
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]), np.arange(2_400))
    assert (device.closed, device.terminated) == (True, True)


def test_a_microphone_that_is_unplugged_is_told(device: Device) -> None:
    device.ends_at = 3_200
    heard = []
    with pytest.raises(UserError, match=r"^the microphone stopped: .*; plug it in again$"):
        heard.extend(Microphone(lambda: NOW_NS).chunks())
    assert (device.closed, device.terminated) == (True, True)


def test_a_machine_without_a_microphone_is_told(device: Device) -> None:
    device.present = False
    with pytest.raises(UserError, match=r"^cannot open the microphone: .*; is one plugged in"):
        Microphone(lambda: NOW_NS)
    assert device.terminated
