"""The numbers of a conversation."""

from __future__ import annotations

import statistics
from html import escape
from typing import TYPE_CHECKING, Any

from stalk_ros.offline.report.markup import clock, counted, length, moment, said, table

if TYPE_CHECKING:
    from stalk_ros.offline.report.voices import Voice

_STAGES = {"asr": "speech to text", "diarization": "who speaks", "topic_recommender": "suggestions"}
_MANY = 24
_FEW = 10


def facts(content: dict[str, Any], voices: list[Voice]) -> str:
    """The conversation in a line."""
    people = sum(voice.style[0] == "c" for voice in voices)
    offers = content["suggestions"]
    withdrawn = sum(offer["withdrawn"] is not None for offer in offers)
    told = [
        f"<b>{clock(content['recording']['duration'])}</b> long",
        counted(people, "speaker"),
        counted(len(content["utterances"]), "turn"),
        counted(len(offers), "offer") + (f", {withdrawn} withdrawn" if withdrawn else ""),
    ]
    return "".join(f"<li>{fact}</li>" for fact in told)


def talk(content: dict[str, Any], voices: list[Voice]) -> str:
    """Who spoke how much."""
    spoken = {speaker["id"]: speaker for speaker in content["speakers"]}
    rows = [
        (
            swatch(voice) + said(voice.label),
            _bar(voice, spoken[voice.speaker_id]["share"]),
            length(spoken[voice.speaker_id]["talk"]),
            f"{spoken[voice.speaker_id]['utterances']:,}",
            f"{spoken[voice.speaker_id]['words']:,}",
        )
        for voice in voices
        if voice.speaker_id in spoken
    ]
    return table(("Speaker", "Share", ">Talk", ">Turns", ">Words"), rows, "talk")


def swatch(voice: Voice) -> str:
    """The colour and the pattern of a voice."""
    return _filled("swatch", voice, "100%")


def _bar(voice: Voice, share: float | None) -> str:
    if share is None:
        return "–"
    return f"{_filled('bar', voice, f'{100 * share:.1f}%')} {100 * share:.0f} %"


def _filled(style: str, voice: Voice, width: str) -> str:
    size = f'width="{width}" height="100%"'
    return (
        f'<svg class="{style}" aria-hidden="true"><rect class="fill {voice.style}" {size}/>'
        f'<rect fill="url(#hatch-{voice.hatch})" {size}/></svg>'
    )


def silences(content: dict[str, Any]) -> str:
    """How long nobody spoke, and when."""
    lengths = {start: end - start for start, end in content["silences"]}
    if not lengths:
        return "<p>There is no silence of 1 s or more.</p>"
    total = sum(lengths.values())
    figures = (
        ("number", f"{len(lengths):,}"),
        ("together", f"{length(total)}, {100 * total / content['recording']['duration']:.0f} %"),
        ("median", length(statistics.median(lengths.values()))),
        ("longest", length(max(lengths.values()))),
    )
    longest = sorted(lengths, key=lambda start: -lengths[start])[:_MANY]
    items = "".join(f"<li>{moment(start)} {length(lengths[start])}</li>" for start in longest)
    return (
        f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{figure}</dd></div>' for name, figure in figures)}</dl>"
        f'<details open><summary>The longest</summary><ol class="moments">{items}</ol></details>'
    )


def suggestions(content: dict[str, Any], voices: list[Voice]) -> str:
    """What was offered to the robot, why, and what became of it."""
    if not content["suggestions"]:
        return "<p>Nothing was offered.</p>"
    labels = {voice.speaker_id: voice.label for voice in voices}
    rows = table(
        ("Time", "Sentence", "Why", ">Awkwardness", "To", "From", "Outcome"),
        (
            (
                moment(offer["time"]),
                said(offer["text"]) + _small(offer["rationale"]),
                escape(offer["trigger"].replace("_", " ")) + _small(offer["topic"]),
                f"{offer['awkwardness']:.2f}",
                ", ".join(said(labels.get(name, name)) for name in offer["addressed_to"]) or "everyone",
                escape(offer["source"].replace("_", " ")),
                _outcome(offer),
            )
            for offer in content["suggestions"]
        ),
        "offers",
    )
    shown = " open" if len(content["suggestions"]) <= _FEW else ""
    return f"<details{shown}><summary>What was offered to the robot</summary>{rows}</details>"


def _small(text: str) -> str:
    return f"<small>{said(text)}</small>" if text else ""


def _outcome(offer: dict[str, Any]) -> str:
    if offer["withdrawn"] is None:
        return f"stood until {clock(offer['valid_until'])}"
    return f"withdrawn after {length(offer['withdrawn'] - offer['time'])}"


def engines(content: dict[str, Any]) -> str:
    """Which engine did what."""
    rows = ((_stage(stage), escape(engine)) for stage, engine in content["engines"].items())
    return table(("Stage", "Engine"), rows)


def parameters(content: dict[str, Any]) -> str:
    """The parameters, those that differ from their default first."""
    rows = [
        (_stage(stage), f"<code>{escape(name)}</code>", _value(entry["value"]), _value(entry["default"]))
        for stage, entries in content["parameters"].items()
        for name, entry in entries.items()
    ]
    changed = [row for row in rows if row[2] != row[3]]
    others = [row[:3] for row in rows if row[2] == row[3]]
    told = (
        table(("Stage", "Parameter", "Value", "Default"), changed) if changed else "<p>None is changed.</p>"
    )
    return (
        f"{told}<details><summary>{counted(len(others), 'parameter')} at the default</summary>"
        f"{table(('Stage', 'Parameter', 'Value'), others)}</details>"
    )


def _stage(name: str) -> str:
    return escape(_STAGES.get(name, name))


def _value(value: object) -> str:
    return f"<code>{escape(str(value))}</code>" if value != "" else "empty"
