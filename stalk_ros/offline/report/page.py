"""The page."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any

from stalk_ros.offline.report import tables
from stalk_ros.offline.report.drawing import drawing
from stalk_ros.offline.report.transcript import transcript
from stalk_ros.offline.report.voices import HATCHES, voices

if TYPE_CHECKING:
    from stalk_ros.offline.report.sound import Sound
    from stalk_ros.offline.report.voices import Voice

_STYLES = ("style.css", "timeline.css", "paper.css")
_SCRIPTS = ("view.js", "canvas.js", "pointing.js", "marks.js", "transcript.js", "player.js", "start.js")


def page(content: dict[str, Any], sound: Sound | None = None) -> str:
    """The report as HTML.

    It is one file that loads nothing and lets nothing else run: its policy allows its own style and script
    by their hashes only, and what people said is text. Without a script it has the transcript, the tables and
    the drawing; the script adds what moves.

    Args:
        content: see `stalk_ros.offline.exports.document.Document`.
        sound: the audio, to be played in the page; None = without.
    """
    known = voices(content)
    style = "\n".join(map(_part, _STYLES))
    script = "\n".join(map(_part, _SCRIPTS))
    recording = content["recording"]
    problem = recording["problem"]
    coded = "" if sound is None else sound.encoded()
    return Template(_part("page.html")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        name=escape(recording["name"]),
        facts=tables.facts(content, known),
        problem=f'<p class="problem" role="note">{escape(problem)}</p>' if problem else "",
        hatches="".join(_hatch(number, line) for number, line in enumerate(HATCHES)),
        lanes="".join(_lane(voice) for voice in known),
        drawing=drawing(content, known),
        talk=tables.talk(content, known),
        silences=tables.silences(content),
        suggestions=tables.suggestions(content, known),
        engines=tables.engines(content),
        parameters=tables.parameters(content),
        transcript=transcript(content, known),
        data=_data(content, known, [] if sound is None else sound.stretches),
        sound=coded,
    )


def _part(name: str) -> str:
    return resources.files("stalk_ros.offline.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _hatch(number: int, line: str) -> str:
    return (
        f'<pattern id="hatch-{number}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<path d="{line}"/></pattern>'
    )


def _lane(voice: Voice) -> str:
    return (
        f'<li class="{voice.style}" data-hatch="{voice.hatch}" title="{escape(voice.label)}">'
        f"{tables.swatch(voice)}<bdi>{escape(voice.label)}</bdi></li>"
    )


def _data(content: dict[str, Any], known: list[Voice], stretches: list[list[float]]) -> str:
    """What the script draws, as JSON that cannot end the element it is in."""
    lanes = {voice.speaker_id: number for number, voice in enumerate(known)}
    reasons: dict[str, int] = {}
    curve = [
        [time_s, round(value, 3), reasons.setdefault("\n".join(why), len(reasons))]
        for time_s, value, why in content["awkwardness"]["curve"]
    ]
    data = {
        "duration": content["recording"]["duration"],
        "streams": content["recording"]["streams"],
        "silences": content["silences"],
        "turns": [
            [turn["start"], turn["end"], lanes[turn["speaker"]], int(turn["overlapped"])]
            for turn in content["utterances"]
        ],
        "threshold": content["awkwardness"]["threshold"],
        "curve": curve,
        "reasons": list(reasons),
        "offers": [
            {key: offer[key] for key in ("time", "withdrawn", "valid_until", "text", "rationale")}
            for offer in content["suggestions"]
        ],
        "stretches": stretches,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
