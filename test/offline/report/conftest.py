from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from bench.documents import document
from stalk_ros.offline.report.page import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser. Where there is none, its tests are skipped, except by those who check every change."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if "CI" not in os.environ:
        pytest.importorskip("playwright")
        if program is None:
            pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def until() -> Callable[[Page, str], None]:
    """Waits for a condition in a page. Playwright's own way would run code that the page's policy forbids."""

    def wait(tab: Page, condition: str) -> None:
        look = f"const look = () => ({condition}) ? done() : requestAnimationFrame(look);"
        tab.evaluate(f"new Promise(done => {{ {look} look(); }})")

    return wait


@pytest.fixture
def talk() -> dict[str, Any]:
    """A document of three minutes."""
    return document(180.0, 3)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a report, and sees to it that the browser neither complains nor loads anything else."""
    complaints: list[str] = []
    loaded: list[str] = []
    contexts = []

    def show(content: dict[str, Any], sound: Any = None, anchor: str = "", **options: Any) -> Page:
        path = tmp_path / "report.html"
        path.write_text(page(content, sound), encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: loaded.append(request.url))
        tab.goto(path.as_uri() + anchor)
        if options.get("java_script_enabled", True):
            tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return tab

    yield show
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in loaded if not url.startswith("blob:")] == loaded[:1]
