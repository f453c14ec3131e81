"""Microphones for real: PyAudio records from a PulseAudio daemon with null sinks."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from stalk_ros.audio import SAMPLE_RATE_HZ, CaptureParameters, Microphone
from stalk_ros.audio.devices import MissingDeviceError
from stalk_ros.audio.microphone import recording, source
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.sound_server import SoundServer
    from stalk_ros.audio import AudioChunk

LEAD_S = 0.3


@pytest.fixture
def awake(sound_server: SoundServer) -> Iterator[SoundServer]:
    """A room in which somebody is silent: it does not fall asleep, and mixes every few milliseconds."""
    command = ["pacat", "--raw", "--latency-msec=10", "--device=room", "/dev/zero"]
    silence = subprocess.Popen(command)
    yield sound_server
    silence.kill()
    silence.wait()


def microphone(told: list[str] | None = None, **parameters: Any) -> Microphone:
    tell = (lambda _: None) if told is None else told.append
    return Microphone(CaptureParameters(**parameters), time.time_ns, tell)


def write(path: Path, samples: Any, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")
    return path


def loud(samples: Any) -> Any:
    """The hundredths of a second [n, 160] in which something is heard, with samples from -1 to 1.

    A busy machine does not mix in time: there are silences in between, and some tear a wave.
    """
    pieces = np.asarray(samples[: len(samples) // 160 * 160], np.float64).reshape(-1, 160) / 32768
    return pieces[np.max(np.abs(pieces), axis=1) > 0.03]


def amplitude(pieces: Any, hz: int) -> float:
    """Of a tone of whole periods in a hundredth of a second, in most of these."""
    turns = np.exp(-2j * np.pi * hz * np.arange(160) / SAMPLE_RATE_HZ)
    return float(np.median(2 * abs(np.mean(pieces * turns, axis=1))))


def test_without_pyaudio_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pyaudio")
    with pytest.raises(UserError) as error:
        Microphone.check(CaptureParameters())
    assert str(error.value) == (
        "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"device": "u"}, "several microphones are called 'u'"),
        ({"channels": "40"}, "has no channel 40"),
        ({"channels": "left"}, "parameter 'channels' must be"),
    ],
)
def test_a_mistake_is_told_before_it_is_opened(sound_server, parameters, message) -> None:
    with pytest.raises(UserError, match=message):
        Microphone.check(CaptureParameters(**parameters))


def test_a_microphone_that_is_missing_is_no_mistake(sound_server) -> None:
    Microphone.check(CaptureParameters(device="still in the box"))


@pytest.mark.parametrize("chunk_s", [0.032, 0.1])
def test_chunks_are_whole_count_on_and_are_as_loud_as_what_was_played(awake, tmp_path, chunk_s) -> None:
    hz, level = 400, 0.25
    wave = level * np.sin(2 * np.pi * hz * np.arange(20 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    ear = microphone(chunk_s=chunk_s, frame_id="head")
    playing, chunks, heard = None, [], 0
    for chunk in ear.chunks():
        chunks.append(chunk)
        playing = playing or awake.play(write(tmp_path / "tone.wav", wave))
        heard += bool(np.max(np.abs(chunk.samples), initial=0) > 32768 * level / 2)
        if heard == round(2.0 / chunk_s):
            ear.stop()
    *full, end = chunks
    short = [chunk for chunk in full[:-1] if len(chunk.samples) != round(chunk_s * SAMPLE_RATE_HZ)]
    assert len(short) <= ear.losses.gaps, "only before a gap, on a busy machine"
    assert len(end.samples) == 0
    lost = 0
    for chunk, after in itertools.pairwise(chunks):
        lost += after.first_sample - chunk.first_sample - len(chunk.samples)
        counted_ns = 62_500 * after.first_sample
        assert after.stamp_ns == chunks[0].stamp_ns + counted_ns
    assert lost == round(ear.losses.lost_s * SAMPLE_RATE_HZ)
    played = loud(np.concatenate([chunk.samples for chunk in full]))
    assert 20 * np.log10(amplitude(played, hz) / level) == pytest.approx(0.0, abs=1.0)
    assert float(ear.values()["peak (dBFS)"]) == pytest.approx(20 * np.log10(level), abs=1.0)
    assert ear.problem == ear.caveat == ""
    assert {(chunk.sample_rate_hz, chunk.channels, chunk.frame_id) for chunk in chunks} == {
        (SAMPLE_RATE_HZ, 1, "head")
    }


def clicks(chunks: list[AudioChunk]) -> list[int]:
    """When there are clicks, in ns, each at most 50 ms long."""
    found: list[int] = []
    for chunk in chunks:
        for at in np.flatnonzero(np.abs(chunk.samples.astype(np.int32)) > 8_000):
            at_ns = chunk.stamp_ns + round(at * 62_500)
            if not found or at_ns - found[-1] > 50_000_000:
                found.append(at_ns)
    return found


def test_clicks_are_found_when_and_as_far_apart_as_they_were_played(awake, tmp_path) -> None:
    """A sample in the server's cache is played at once; the silence before the click covers its mixing."""
    gaps_s = (0.25, 0.4, 0.3)
    at = np.cumsum([LEAD_S, *gaps_s])
    samples = np.zeros(round((at[-1] + 0.3) * SAMPLE_RATE_HZ))
    for click_s in at:
        samples[round(click_s * SAMPLE_RATE_HZ) :][:8] = 0.5
    awake.control("upload-sample", str(write(tmp_path / "clicks.wav", samples)), "clicks")
    ear, chunks, errors_s = microphone(chunk_s=0.032), [], []
    thread = threading.Thread(target=lambda: chunks.extend(play_when_heard(awake, ear, errors_s, at)))
    thread.start()
    thread.join()
    times = clicks(chunks)
    assert len(times) == 3 * len(at)
    spacing = np.diff(np.reshape(times, (3, len(at))), axis=1) / 1e9
    assert np.median(np.abs(spacing - gaps_s)) < 0.002
    late_s = [heard_ns / 1e9 - played_s for heard_ns, played_s in zip(times, errors_s, strict=True)]
    # Medians: a busy machine mixes some of them late, and then they are heard late.
    assert abs(np.median(late_s)) < 0.02


def play_when_heard(
    server: SoundServer, ear: Microphone, due_s: list[float], at: Any
) -> Iterator[AudioChunk]:
    """The chunks of three rounds of clicks; ``due_s`` gets when each click was due."""
    for chunk in ear.chunks():
        yield chunk
        if due_s and chunk.stamp_ns / 1e9 < due_s[-1] + 0.2:
            continue
        if len(due_s) == 3 * len(at):
            ear.stop()
            continue
        server.control("play-sample", "clicks", "room")
        now_s = time.time()
        due_s += [now_s + click_s for click_s in at]


def test_a_microphone_that_goes_away_ends_the_stream_and_another_begins_when_it_is_back(sound_server) -> None:
    module = sound_server.control("list", "short", "modules").splitlines()[-1].split()[0]
    told: list[str] = []
    ear, streams = microphone(told, chunk_s=0.032), [[]]
    for chunk in ear.chunks():
        streams[-1].append(chunk)
        if len(chunk.samples) == 0:
            # Its end is known before it is back.
            assert "stopped: it gives no audio any more; is it unplugged?" in ear.problem
            streams.append([])
            if len(streams) == 2:
                sound_server.add_room("room")
        elif len(streams) == 1 and len(streams[0]) == 5:
            sound_server.remove(module)
        elif len(streams) == 2 and len(streams[1]) == 5:
            assert ear.problem == ""
            break
    first, second = streams
    assert [stream[0].first_sample for stream in streams] == [0, 0]
    assert len(first[-1].samples) == 0
    assert second[0].stamp_ns > first[-1].stamp_ns
    assert [message == "" for message in told] == [True, False, True], "once each"


def test_a_microphone_that_comes_late_is_waited_for(sound_server, monkeypatch) -> None:
    """Its name appears when PortAudio looks for devices again."""
    real, asked = recording.choose, []

    def choose(audio: Any, wanted: str) -> Any:
        asked.append(wanted)
        if len(asked) < 3:
            raise MissingDeviceError("there is no microphone 'default'; there are: none")
        return real(audio, wanted)

    monkeypatch.setattr(recording, "choose", choose)
    monkeypatch.setattr(source, "_FIRST_RETRY_S", 0.01)
    told: list[str] = []
    ear = microphone(told, device="default")
    first = next(ear.chunks())
    assert first.first_sample == 0
    assert told == ["there is no microphone 'default'; there are: none", ""]


@pytest.fixture
def array(sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """A microphone array: six channels at 48 kHz and nothing else.

    PulseAudio claims 32 channels and every rate for whatever it has; only these figures are made up.
    """
    pyaudio = pytest.importorskip("pyaudio")
    sound_server.add_room("array", 48_000, 6)
    told = pyaudio.PyAudio.get_device_info_by_index

    def info(self: Any, index: int) -> dict[str, Any]:
        of = told(self, index)
        return {**of, "maxInputChannels": 6, "defaultSampleRate": 48e3} if of["name"] == "array" else of

    def supported(self: Any, rate: float, **_: Any) -> bool:
        if rate != 48_000:
            raise ValueError("Invalid sample rate", -9997)
        return True

    monkeypatch.setattr(pyaudio.PyAudio, "get_device_info_by_index", info)
    monkeypatch.setattr(pyaudio.PyAudio, "is_format_supported", supported)
    return sound_server


@pytest.mark.parametrize(("channels", "mixed"), [("1,3", {1, 3}), ("", set(range(6))), ("4", {4})])
def test_channels_of_an_array_are_picked_and_mixed_at_its_own_rate(array, channels, mixed) -> None:
    hz = [300 + 200 * channel for channel in range(6)]
    time_s = np.arange(30 * 48_000) / 48_000
    waves = np.stack([16_000 * np.sin(2 * np.pi * f * time_s) for f in hz], axis=1)
    array.play_samples(waves.astype(np.int16), 48_000, "array")
    ear, audio = microphone(device="array", channels=channels), np.zeros((0, 160))
    for chunk in ear.chunks():
        audio = np.concatenate([audio, loud(chunk.samples)])
        if len(audio) >= 100:
            ear.stop()
    assert "of 6, 48000 Hz" in ear.device
    expected = [16_000 / 32_768 / len(mixed) if channel in mixed else 0.0 for channel in range(6)]
    assert [amplitude(audio, f) for f in hz] == pytest.approx(expected, abs=0.01)


def held() -> tuple[int, int]:
    """How many files and threads this process has."""
    return tuple(len(list(Path("/proc/self", kind).iterdir())) for kind in ("fd", "task"))


@pytest.mark.slow
def test_fifty_starts_leak_nothing(awake) -> None:
    def heard_once() -> None:
        ear = microphone(chunk_s=0.032)
        assert len([ear.stop() for _ in ear.chunks()]) > 1

    heard_once()
    gc.collect()  # what an earlier test has left would go meanwhile
    recorders, counts = awake.control("list", "short", "source-outputs"), []
    for _ in range(50):
        heard_once()
        counts.append(held())
    # The least of some starts: what has ended may be counted a moment longer.
    first, last = (tuple(map(min, zip(*some, strict=True))) for some in (counts[:10], counts[-10:]))
    assert all(after <= before for before, after in zip(first, last, strict=True)), (first, last)
    assert awake.control("list", "short", "source-outputs") == recorders


class Broken:
    """PyAudio with a device that fails as no null sink can: each start hears so many blocks, and breaks."""

    def __init__(self, overflows: bool = False) -> None:
        self.overflows, self.closed, self.opened, self.late = overflows, 0, 0, 0

    def get_device_count(self) -> int:
        return 1

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        return {
            "index": 0,
            "name": "USB",
            "hostApi": 0,
            "maxInputChannels": 1,
            "defaultSampleRate": 16_000.0,
        }

    def get_default_input_device_info(self) -> dict[str, Any]:
        return self.get_device_info_by_index(0)

    def get_host_api_info_by_index(self, index: int) -> dict[str, Any]:
        return {"name": "ALSA"}

    def is_format_supported(self, *_: Any, **__: Any) -> bool:
        return True

    def open(self, stream_callback: Any, frames_per_buffer: int, **_: Any) -> Broken:
        self.opened += 1
        if self.opened == 1:
            raise OSError(-9985, "Device unavailable")
        self._callback, self._frames = stream_callback, frames_per_buffer
        return self

    def start_stream(self) -> None:
        self._hear(40)

    def _hear(self, blocks: int) -> None:
        for number in range(blocks):
            flags = 2 if self.overflows and number == 20 else 0
            self._callback(bytes(2 * self._frames), self._frames, {"current_time": 0.0}, flags)

    def is_active(self) -> bool:
        """Asked when it is silent; it may have some blocks left."""
        late, self.late = self.late, 0
        self._hear(late)
        return bool(late)

    def close(self) -> None:
        self.closed += 1
        raise OSError(-9988, "Stream closed")

    def terminate(self) -> None:
        pass


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    device, module = Broken(), ModuleType("pyaudio")
    module.PyAudio, module.paInt16, module.paInputOverflow, module.paContinue = lambda: device, 8, 2, 0
    monkeypatch.setitem(sys.modules, "pyaudio", module)
    ticks = itertools.count()
    # A device in step with the clock: blocks come when they were heard.
    clock = ModuleType("time")
    clock.monotonic = lambda: 100.0 + 0.032 * next(ticks)
    monkeypatch.setattr(recording, "time", clock)
    monkeypatch.setattr(source, "_FIRST_RETRY_S", 0.01)
    return device


def test_a_device_that_is_taken_or_breaks_is_tried_again_less_and_less_often(broken, monkeypatch) -> None:
    told: list[str] = []
    ear, streams = microphone(told, chunk_s=0.032), 0
    for chunk in ear.chunks():
        if len(chunk.samples) == 0:
            streams += 1
            assert chunk.first_sample == 40 * 512
            assert "'USB' stopped" in ear.problem
        if streams == 3:
            ear.stop()
    assert broken.opened == 4
    assert broken.closed == 3
    assert told[0].startswith("cannot open the microphone 'USB': [Errno -9985] Device unavailable")
    assert [bool(problem) for problem in told] == [True, False] * 3 + [True]


def test_overflows_are_told(broken) -> None:
    broken.overflows = True
    ear = microphone(chunk_s=0.032)
    for chunk in ear.chunks():
        if len(chunk.samples) == 0:
            ear.stop()
    assert ear.values()["overflows"] == "1"


def test_a_reader_that_stalls_costs_a_gap_and_never_holds_up_the_device(broken, monkeypatch) -> None:
    """The queue is full long before it is read; the count says what is missing."""
    monkeypatch.setattr(recording, "_QUEUE_S", 0.64)
    broken.opened, broken.late = 1, 5
    ear = microphone(chunk_s=0.032)
    chunks = []
    for chunk in ear.chunks():
        chunks.append(chunk)
        if len(chunk.samples) == 0:
            ear.stop()
    assert chunks[-1].first_sample == (40 + 5) * 512
    assert ear.losses.gaps == 1
    assert ear.losses.lost_s == 0.64
