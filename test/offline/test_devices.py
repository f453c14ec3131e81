"""``stalk devices`` as a user types it, on a sound server of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from bench.sound_server import SoundServer


@pytest.fixture
def array(sound_server: SoundServer) -> SoundServer:
    """An array of six channels: tones of -20, -10, -1 and -30 dBFS, nothing, and one that is too loud."""
    sound_server.add_room("array", 48_000, 6)
    wave = np.sin(2 * np.pi * 440 * np.arange(48_000 * 60) / 48_000)
    gains = 10 ** (np.array([-20.0, -10.0, -1.0, -30.0, -200.0, 12.0]) / 20)
    samples = np.clip(32_767 * wave[:, None] * gains, -32_768, 32_767).astype(np.int16)
    sound_server.play_samples(samples, 48_000, "array")
    return sound_server


def test_the_list_is_aligned_and_names_the_default(stalk, sound_server: SoundServer) -> None:
    code, out, err = stalk("devices")
    assert (code, err) == (0, "")
    head, *rows = out.splitlines()
    assert head.split() == ["number", "name", "channels", "rates", "(kHz)", "system"]
    name_at, rates_at = head.index("name"), head.index("rates")
    names = [row[name_at:].split()[0] for row in rows]
    assert sorted(names) == ["default", "pulse", "room"]
    assert {row[rates_at:].split("  ")[0] for row in rows} == {"8 16 22.05 32 44.1 48 96"}
    assert [name for name, row in zip(names, rows, strict=True) if row.endswith("default")] == ["default"]


def test_without_a_microphone_the_list_says_what_to_do(
    mistake, sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    assert mistake("devices").startswith("there is no microphone: plug one in")


def test_each_channel_shows_its_level(stalk, array: SoundServer) -> None:
    listening = array.control("list", "short", "source-outputs")
    code, out, err = stalk("devices", "test", "array", "--channels", "0,1,2,3,4,5", "--seconds", "2")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 2
    assert array.control("list", "short", "source-outputs") == listening
    shown = lines[-1].split(" | ")
    assert [part.partition(":")[0] for part in shown] == [f"channel {number}" for number in range(6)]
    peaks = [float(part.split("peak")[1].split()[0]) for part in shown]
    assert peaks == pytest.approx([-20, -10, -1, -30, -100, 0], abs=0.5)
    assert shown[4].endswith(" silence")
    assert shown[5].endswith(" the microphone clips: turn its gain down")
    assert not any("silence" in part or "clips" in part for part in shown[:4])


def test_a_terminal_shows_bars(on_terminal, array: SoundServer) -> None:
    shown = on_terminal(
        "devices", "test", "array", "--channels", "0,1", "--seconds", "0.5", environment=os.environ
    )
    assert "━" in shown and "channel" in shown and "dBFS" in shown


def test_ctrl_c_ends_it_and_closes_the_device(sound_server: SoundServer) -> None:
    listening = sound_server.control("list", "short", "source-outputs")
    command = [sys.executable, "-m", "stalk_ros.cli", "devices", "test", "room"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("channel 0: ")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "stalk: interrupted; the microphone is closed\n")
    assert sound_server.control("list", "short", "source-outputs") == listening


def test_what_cannot_be_tested_is_told(mistake, sound_server: SoundServer) -> None:
    assert mistake("devices", "test", "kitchen").startswith("there is no microphone 'kitchen'; there are: ")
    assert "'channels' must be different numbers" in mistake("devices", "test", "room", "--channels", "a")
    assert mistake("devices", "test", "room", "--channels", "32") == (
        "the microphone 'room' has no channel 32: its channels are 0 to 31"
    )
    assert mistake("devices", "test", "room", "--seconds", "0") == "--seconds must be above 0, not 0"
