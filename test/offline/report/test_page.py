from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from bench.documents import document
from stalk_ros.offline.report.page import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

HOSTILE = "</script><script>alert(1)</script><img src=http://x.test/y onerror=alert(2)> & \"'\u202e$style"


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile(content: dict[str, Any]) -> dict[str, Any]:
    """The same document in which every text is an attack."""
    attacked = copy.deepcopy(content)
    attacked["recording"].update(name=HOSTILE, problem=HOSTILE)
    attacked["engines"] = {HOSTILE: HOSTILE}
    attacked["parameters"] = {"asr": {HOSTILE: {"value": HOSTILE, "default": ""}}}
    for speaker in attacked["speakers"]:
        speaker["name"] = HOSTILE
    for turn in attacked["utterances"]:
        turn.update(text=HOSTILE, name=HOSTILE, language=HOSTILE, id=HOSTILE)
    for offer in attacked["suggestions"]:
        offer.update(dict.fromkeys(("text", "topic", "rationale", "trigger", "source", "id"), HOSTILE))
        offer["addressed_to"] = [HOSTILE]
    for point in attacked["awkwardness"]["curve"]:
        point[2] = [HOSTILE]
    return attacked


def cursor_s(tab: Page) -> float:
    return float(tab.get_attribute("#plot", "aria-valuenow") or "nan")


def range_s(tab: Page) -> float:
    return tab.evaluate("view.end - view.start")


def test_it_is_one_file_that_loads_nothing(talk: dict[str, Any]) -> None:
    elements = Elements(page(talk)).found
    assert not [tag for tag, _ in elements if tag in ("link", "img", "iframe", "object", "embed")]
    assert not [attributes for _, attributes in elements if "src" in attributes or "style" in attributes]
    links = [attributes["href"] or "" for tag, attributes in elements if tag == "a"]
    assert links
    assert all(link.startswith("#") for link in links)


def test_two_hours_take_less_than_5_mb() -> None:
    assert len(page(document()).encode()) < 5_000_000


def test_what_people_say_is_only_text(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    harmless, attacked = Elements(page(talk)).found, Elements(page(hostile(talk))).found
    assert {tag for tag, _ in harmless} == {tag for tag, _ in attacked}
    assert [tag for tag, _ in attacked].count("script") == 3
    tab = opened(hostile(talk))
    assert tab.text_content("h1") == HOSTILE
    assert tab.text_content(".turn p") == HOSTILE


def test_every_turn_is_in_its_language_and_direction(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    tab = opened(talk)
    tongues = tab.eval_on_selector_all(".turn p bdi", "all => all.map(each => each.lang)")
    assert tongues == [turn["language"] for turn in talk["utterances"]]
    hebrew = tab.locator(".turn p bdi[lang=he]").first
    assert hebrew.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_it_says_what_is_missing_in_the_recording(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    talk["recording"]["problem"] = "the bag ends in the middle of a message"
    assert opened(talk).inner_text(".problem") == "the bag ends in the middle of a message"


@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_a_recording_in_which_nothing_happens_is_shown(seconds: float, opened: Callable[..., Page]) -> None:
    content = document(10.0)
    content["recording"].update(duration=seconds, streams=[[0.0, seconds]] if seconds else [])
    content.update(utterances=[], speakers=[], speech=[], silences=[], suggestions=[])
    content["awkwardness"]["curve"] = []
    tab = opened(content)
    assert "Nothing was offered." in tab.inner_text("main")
    tab.focus("#plot")
    tab.keyboard.press("ArrowRight")


def test_it_can_be_read_without_a_script(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk, java_script_enabled=False)
    assert tab.locator(".turn").count() == len(talk["utterances"])
    assert tab.locator(".drawing svg").first.is_visible()
    assert not tab.locator(".dock").is_visible()


def test_the_parameters_that_were_changed_come_first(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    tab = opened(talk)
    rows = tab.locator("#settings table").nth(1).locator("tbody tr")
    cells = [rows.nth(number).locator("td").all_text_contents() for number in range(rows.count())]
    assert cells == [
        ["speech to text", "end_of_turn_s", "0.8", "0.6"],
        ["suggestions", "relationship", "strangers", "acquaintances"],
    ]


def test_the_transcript_is_searched(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    places = [turn["text"].count("piano") for turn in talk["utterances"]]
    tab.fill("#query", "PiAno")
    shown = tab.locator(".turn:visible")
    assert shown.count() == sum(map(bool, places))
    assert all("piano" in text for text in shown.all_inner_texts())
    assert tab.inner_text("#count") == f"{sum(places)} found"
    assert tab.evaluate("CSS.highlights.get('found').size") == sum(places)
    tab.press("#query", "Enter")
    tab.click("#next")
    assert tab.inner_text("#count") == f"2 of {sum(places)} found"
    tab.click("#previous")
    tab.click("#previous")
    assert tab.inner_text("#count") == f"{sum(places)} of {sum(places)} found"
    tab.press("#query", "Escape")
    assert shown.count() == len(talk["utterances"])


def test_the_search_takes_signs_as_they_are(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    talk["utterances"][3]["text"] = "what is (a+b)*c?"
    tab = opened(talk)
    tab.fill("#query", "(a+b)*")
    assert tab.locator(".turn:visible").count() == 1
    tab.fill("#query", "호수")
    assert tab.locator(".turn:visible").count() == sum("호수" in turn["text"] for turn in talk["utterances"])
    tab.fill("#query", "nobody said this")
    assert tab.inner_text("#count") == "0 found"
    assert tab.locator("#next").is_disabled()


def test_a_turn_moves_the_cursor(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    tab.locator(".turn p").nth(20).click()
    assert cursor_s(tab) == pytest.approx(talk["utterances"][20]["start"], abs=0.05)
    assert tab.locator(".turn").nth(20).get_attribute("aria-current") == "true"
    tab.keyboard.press("Home")
    tab.locator(".turn .time").nth(20).focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.locator("li[aria-current]").count() == 1
    after = tab.locator(".turns li:has(:focus)").locator(".time").get_attribute("data-time")
    assert cursor_s(tab) == pytest.approx(float(after), abs=0.05)


def test_the_address_names_a_turn(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    turn = talk["utterances"][30]
    tab = opened(talk, anchor=f"#at-{turn['id']}")
    assert cursor_s(tab) == pytest.approx(turn["start"], abs=0.05)


def test_the_timeline_is_moved_by_keys(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    tab.focus("#plot")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("ArrowRight")
    assert cursor_s(tab) == 11.0
    tab.keyboard.press("ArrowDown")
    after = next(turn["start"] for turn in talk["utterances"] if turn["start"] > 11)
    assert cursor_s(tab) == pytest.approx(after, abs=0.05)
    tab.keyboard.press("End")
    assert cursor_s(tab) == 180.0
    tab.keyboard.press("+")
    assert range_s(tab) == 90
    tab.keyboard.press("Home")
    assert tab.evaluate("view.inSight(0)")
    tab.keyboard.press("0")
    assert range_s(tab) == 180


def test_the_timeline_is_moved_by_mouse_and_buttons(
    talk: dict[str, Any], opened: Callable[..., Page], until: Callable[[Page, str], None]
) -> None:
    tab = opened(talk)
    for name in ("Zoom in", "Zoom in"):
        tab.get_by_role("button", name=name).click()
    assert range_s(tab) == 45
    start_s = tab.evaluate("view.start")
    tab.get_by_role("button", name="Later").click()
    assert tab.evaluate("view.start") == start_s + 15
    box = tab.locator("#plot").bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
    tab.mouse.down()
    tab.mouse.move(box["x"], box["y"] + 200)
    tab.mouse.up()
    assert tab.evaluate("view.start") == pytest.approx(start_s + 15 + 22.5, abs=0.2)
    tab.mouse.move(box["x"] + 1, box["y"] + 200)
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -200)
    tab.keyboard.up("Control")
    until(tab, "view.span < 23")
    assert tab.evaluate("view.start") == pytest.approx(start_s + 15 + 22.5, abs=0.3)
    tab.get_by_role("button", name="Whole").click()
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 220)
    assert cursor_s(tab) == pytest.approx(90, abs=0.5)


def test_the_reasons_are_shown_to_the_mouse_and_to_the_keyboard(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    talk["awkwardness"]["curve"] = [[step / 2, 0.8, ["nobody knows what to say"]] for step in range(360)]
    tab = opened(talk)
    tip = tab.locator("#tip")
    assert not tip.is_visible()
    tab.hover("#plot", position={"x": 300, "y": 260})
    assert "awkwardness 0.80\nnobody knows what to say" in tip.inner_text()
    tab.mouse.move(5, 5)
    assert not tip.is_visible()
    tab.focus("#plot")
    tab.keyboard.press("ArrowRight")
    assert "0:01.0" in tip.inner_text()
    assert "nobody knows what to say" in tip.inner_text()
    assert "nobody knows what to say" in (tab.get_attribute("#plot", "aria-valuetext") or "")
    tab.keyboard.press("Escape")
    assert not tip.is_visible()


def test_suggestions_are_marks_with_their_text(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    marks = tab.locator("#marks button")
    assert marks.all_inner_texts() == ["▶", "■", "▶"]
    plot, mark = tab.locator("#plot").bounding_box(), marks.nth(2).bounding_box()
    assert plot is not None
    assert mark is not None
    place = (mark["x"] + 14 - plot["x"]) / plot["width"]
    assert 180 * place == pytest.approx(talk["suggestions"][1]["time"], abs=0.5)
    marks.nth(0).hover()
    assert "Offered at" in tab.inner_text("#tip")
    assert talk["suggestions"][0]["text"] in tab.inner_text("#tip")
    marks.nth(0).focus()
    tab.keyboard.press("ArrowRight")
    assert "Withdrawn at" in tab.inner_text("#tip")
    tab.keyboard.press("Enter")
    assert cursor_s(tab) == pytest.approx(talk["suggestions"][0]["withdrawn"], abs=0.05)


def test_everything_can_be_reached_by_keyboard_and_has_a_name(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    tab = opened(talk)
    reached = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[:2] == ["skip", "skip"]
    assert {"plot", "query"} <= set(reached)
    nameless = """() => [...document.querySelectorAll("a, button, input, summary, [role=slider], [role=img]")]
        .filter(each => !(each.getAttribute("aria-label") || each.textContent.trim())).length"""
    assert tab.evaluate(nameless) == 0
    repeated = "() => { const ids = [...document.querySelectorAll('[id]')].map(each => each.id);"
    assert tab.evaluate(f"{repeated} return ids.length - new Set(ids).size }}") == 0
    levels = tab.eval_on_selector_all("h1, h2, h3", "all => all.map(each => each.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(scheme: str, talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    """At least 4.5, as WCAG AA asks for, between each colour of text and each ground that it stands on."""
    tab = opened(talk, color_scheme=scheme)
    names = ["ground", "panel", "shade", "found", "current", "warn", "ink", "quiet", "link"]
    colours = tab.evaluate(
        """names => Object.fromEntries(names.map(name =>
        [name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim()]))""",
        names,
    )
    pairs = [("ink", ground) for ground in ("ground", "panel", "shade", "found", "current", "warn")]
    pairs += [(ink, ground) for ink in ("quiet", "link") for ground in ("ground", "panel", "shade")]
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= 4.5, f"{ink} on {ground}"


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_two_people_look_alike(talk: dict[str, Any]) -> None:
    names = [f"S{number}" for number in range(1, 31)]
    talk["speakers"] = [{**talk["speakers"][0], "id": name, "name": None} for name in names]
    talk["utterances"] = [{**talk["utterances"][0], "speaker": name} for name in names]
    looks = re.findall(r'<li class="(c\d)" data-hatch="(\d)"', page(talk))
    assert len(looks) == len(set(looks)) == 30


def test_a_narrow_screen_needs_no_sideways_scrolling(
    talk: dict[str, Any], opened: Callable[..., Page]
) -> None:
    tab = opened(talk, viewport={"width": 360, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") == 360


def test_it_prints_everything_on_few_pages(talk: dict[str, Any], opened: Callable[..., Page]) -> None:
    tab = opened(talk)
    tab.fill("#query", "piano")
    pages = len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4")))
    assert 3 <= pages <= 4
    tab.emulate_media(media="print")
    assert tab.locator(".turn:visible").count() == len(talk["utterances"])
    assert tab.locator(".drawing svg").first.is_visible()
    assert not tab.locator("button:visible, input:visible").count()
