from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from stalk_ros.audio import AudioChunk
from stalk_ros.errors import UserError
from stalk_ros.offline.report.sound import Sound
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

DELAY_S = 1105 / 16_000
START_NS = 1_700_000_000_000_000_000


def tone(seconds: float, rate_hz: int, channels: int = 1) -> np.ndarray:
    wave = 8000 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave.astype(np.int16), channels)


def heard(*streams: tuple[float, float], rate_hz: int = 16_000, channels: int = 1) -> Sound:
    """Streams that begin and last so many seconds."""
    times = RecordingTime()
    sound = Sound(times)
    for start_s, length_s in streams:
        samples = tone(length_s, rate_hz, channels)
        stamp_ns = START_NS + round(start_s * 1e9)
        chunk = AudioChunk(samples, rate_hz, channels, 0, stamp_ns)
        frames = len(samples) // channels
        empty = AudioChunk(samples[:0], rate_hz, channels, frames, stamp_ns + round(length_s * 1e9))
        for piece in (chunk, empty):
            times.hear(piece)
            sound.hear(piece)
    return sound


@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (48_000, 2), (8_000, 1)])
def test_it_is_all_that_was_heard(rate_hz: int, channels: int) -> None:
    sound = heard((0, 4), rate_hz=rate_hz, channels=channels)
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(sound.encoded())))
    assert len(audio) / rate == pytest.approx(4, abs=0.2)
    spectrum = np.abs(np.fft.rfft(audio[rate : 3 * rate]))
    assert np.argmax(spectrum) / 2 == pytest.approx(440, abs=1)
    assert sound.stretches == [[0.0, DELAY_S, pytest.approx(4, abs=0.001)]]


def test_streams_follow_each_other() -> None:
    sound = heard((0, 2), (10, 3), (4000, 1))
    starts_s, places_s, lengths_s = zip(*sound.stretches, strict=True)
    assert starts_s[:2] == (0.0, 10.0)
    assert places_s == pytest.approx((DELAY_S, 2 + DELAY_S, 5 + DELAY_S))
    assert lengths_s == pytest.approx((2, 3, 1))
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(sound.encoded())))
    assert len(audio) / rate == pytest.approx(6, abs=0.2)


def test_an_hour_takes_11_mb() -> None:
    coded = base64.b64decode(heard((0, 60)).encoded())
    assert len(coded) * 60 < 11_000_000


def test_an_old_libsndfile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": ""})
    with pytest.raises(UserError, match="pip install -U soundfile"):
        Sound(RecordingTime())


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(UserError, match="No space left on device"):
        Sound(RecordingTime())


def test_a_turn_plays_and_the_page_follows(
    talk: dict[str, Any], opened: Callable[..., Page], until: Callable[[Page, str], None]
) -> None:
    talk["recording"]["streams"] = [[0.0, 40.0], [60.0, 180.0]]
    tab = opened(talk, heard((0, 40), (60, 120)))
    turns = enumerate(talk["utterances"])
    place, turn = next((number, turn) for number, turn in turns if turn["start"] > 70)
    tab.locator(".turn .time").nth(place).click()
    until(tab, f"player.playing && view.cursor > {turn['start'] + 0.3}")
    assert tab.evaluate("view.cursor - player.audio.currentTime") == pytest.approx(20, abs=0.2)
    assert tab.evaluate("view.cursor") < turn["start"] + 15
    assert tab.inner_text("#play") == "❚❚ Pause"
    until(tab, f"document.querySelector('[aria-current] .time')?.dataset.time > {turn['start']}")
    tab.click("#play")
    until(tab, "player.button.textContent === '▶ Play'")
    assert not tab.evaluate("player.playing")


def test_the_page_follows_unless_the_reader_has_gone_elsewhere(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    tab = opened(talk)
    turns = tab.locator(".turn")
    turns.nth(10).locator("p").click()
    tab.evaluate(f"transcript.follow({talk['utterances'][-2]['start']}, true)")
    assert tab.evaluate("inSight(transcript.turns.at(-2))")
    tab.evaluate("scrollTo(0, 0)")
    tab.evaluate(f"transcript.follow({talk['utterances'][20]['start']}, true)")
    assert tab.evaluate("scrollY") == 0


def test_without_sound_there_is_nothing_to_play(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    assert not tab.locator("#play").is_visible()
    tab.locator(".turn .time").nth(3).click()


def test_a_browser_finds_a_sound_where_the_stretches_say(chromium) -> None:
    """A second of silence and then a tone."""
    times = RecordingTime()
    sound = Sound(times)
    samples = np.concatenate([np.zeros(16_000, np.int16), tone(1, 16_000)])
    chunk = AudioChunk(samples, 16_000, 1, 0, START_NS)
    times.hear(chunk)
    sound.hear(chunk)
    tab = chromium.new_page()
    onset_s = tab.evaluate(
        """async (coded) => {
            const bytes = Uint8Array.from(atob(coded), (byte) => byte.charCodeAt(0));
            const context = new OfflineAudioContext(1, 1, 16000);
            const heard = (await context.decodeAudioData(bytes.buffer)).getChannelData(0);
            return heard.findIndex((value) => Math.abs(value) > 0.1) / 16000;
        }""",
        sound.encoded(),
    )
    tab.close()
    assert onset_s - sound.stretches[0][1] == pytest.approx(1.0, abs=0.02)
