"""How fluent a report is in a browser."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from documents import document
from tables import table

from stalk_ros.audio import SAMPLE_RATE_HZ, AudioChunk
from stalk_ros.errors import UserError
from stalk_ros.offline.report.page import page
from stalk_ros.offline.report.sound import Sound
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_HOUR_S = 3600
_INTERACTIVE = """new Promise(done => requestIdleCallback(() => done(
    [performance.getEntriesByName("ready")[0].startTime, performance.now()])))"""
_SCROLL = """new Promise(done => {
    const frames = [];
    const step = document.documentElement.scrollHeight / 300;
    const next = (time) => {
        frames.push(time);
        scrollBy({ top: step, behavior: "instant" });
        if (frames.length <= 300) requestAnimationFrame(next);
        else done(frames.slice(1).map((end, place) => end - frames[place]));
    };
    requestAnimationFrame(next);
})"""
_ZOOM = """new Promise(done => {
    const frames = [];
    const next = (time) => {
        frames.push(time);
        view.zoom(frames.length % 100 < 50 ? 1.1 : 1 / 1.1, view.duration / 2);
        if (frames.length <= 200) requestAnimationFrame(next);
        else done(frames.slice(1).map((end, place) => end - frames[place]));
    };
    requestAnimationFrame(next);
})"""
_SEARCH = """(() => {
    const start = performance.now();
    transcript.search("e");
    document.body.offsetHeight;
    return performance.now() - start;
})()"""


def report(options: argparse.Namespace) -> None:
    """Print a table: size, time until a page can be used, and its slowest frames."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise UserError("the part report needs Chromium")
    columns = (
        "report",
        "MB",
        "drawn, ms",
        "interactive, ms",
        "frames of scrolling, median / 99 % / worst, ms",
        "of zooming",
        "search for one letter, ms",
        "memory of its script, MB",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        table(columns, _rows(browser))
        browser.close()


def _rows(browser: Browser) -> Iterator[tuple[object, ...]]:
    yield "2 h", *_measured(browser, page(document(2 * _HOUR_S)))
    yield "2 h with sound", *_measured(browser, page(document(2 * _HOUR_S), _sound(2 * _HOUR_S)))


def _measured(browser: Browser, text: str) -> tuple[object, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(text, encoding="utf-8")
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto(path.as_uri())
        ready_ms, idle_ms = tab.evaluate(_INTERACTIVE)
        scrolling, zooming = _frames(tab.evaluate(_SCROLL)), _frames(tab.evaluate(_ZOOM))
        search_ms = tab.evaluate(_SEARCH)
        memory = tab.evaluate("performance.memory.usedJSHeapSize") / 1e6
        tab.close()
    size = f"{len(text.encode()) / 1e6:.1f}"
    return size, f"{ready_ms:.0f}", f"{idle_ms:.0f}", scrolling, zooming, f"{search_ms:.0f}", f"{memory:.0f}"


def _frames(lengths_ms: Any) -> str:
    median, most = np.percentile(lengths_ms, (50, 99))
    return f"{median:.0f} / {most:.0f} / {max(lengths_ms):.0f}"


def _sound(seconds: int) -> Sound:
    times = RecordingTime()
    sound = Sound(times)
    noise = np.random.default_rng(0).integers(-3000, 3000, 60 * SAMPLE_RATE_HZ, np.int16)
    for start_s in range(0, seconds, 60):
        chunk = AudioChunk(noise, SAMPLE_RATE_HZ, 1, start_s * SAMPLE_RATE_HZ, start_s * 1_000_000_000)
        times.hear(chunk)
        sound.hear(chunk)
    return sound
