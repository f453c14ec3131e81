"""Conversations that nobody had, as the documents that a report shows."""

from __future__ import annotations

import random
from typing import Any

from stalk_ros.events import ROBOT

_PEOPLE = (("S1", None), ("S2", "Minji"), ("S3", "민지 김"), ("S4", None), ("S5", "נועה לוי"))
_SENTENCES = {
    "en": (
        "did you have a good weekend",
        "we drove out to the lake and the water was still far too cold for swimming",
        "yeah",
        "my neighbor is a very good teacher and she plays the piano every evening after work",
        "maybe i will buy an old piano next year if somebody can carry it up the stairs",
        "i do not know",
    ),
    "ko": (
        "주말 잘 보냈어요?",
        "호수까지 차를 몰고 갔는데 물이 아직 너무 차가웠어요",
        "네 맞아요",
    ),
    "he": ("נסענו לאגם והמים היו קרים מדי",),
}
_REASONS = (["silence of 2.5 s"], ["3 minimal responses in a row", "one person talks"], ["talk in circles"])


def document(duration_s: float = 7200.0, seed: int = 0) -> dict[str, Any]:
    """A conversation of 20 turns a minute, as `stalk_ros.offline.exports.document.Document` has it."""
    dice = random.Random(seed)
    utterances = _utterances(dice, duration_s)
    speech = [[turn["start"], turn["end"]] for turn in utterances]
    silences = _silences(speech, duration_s)
    return {
        "format": "stalk_ros conversation",
        "version": 1,
        "recording": {
            "name": "long talk",
            "duration": duration_s,
            "problem": "",
            "streams": [[0.0, duration_s]],
        },
        "engines": {"asr": "pocketsphinx", "diarization": "ge2e", "topic_recommender": "topic_bank"},
        "parameters": _parameters(),
        "speakers": _speakers(utterances),
        "utterances": utterances,
        "speech": speech,
        "silences": silences,
        "awkwardness": {"threshold": 0.7, "curve": _curve(dice, silences, duration_s)},
        "suggestions": _suggestions(dice, duration_s),
    }


def _utterances(dice: random.Random, duration_s: float) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    start_s = 0.8
    while start_s < duration_s - 6:
        name, shown = dice.choice(_PEOPLE) if dice.random() > 0.02 else ("", None)
        language = {"S3": "ko", "S5": "he"}.get(name, "en")
        text = dice.choice(_SENTENCES[language])
        length_s = 0.4 + 0.045 * len(text)
        overlapped = bool(said) and start_s < said[-1]["end"]
        others = [said[-1]["speaker"]] if overlapped and said[-1]["speaker"] != name else []
        said.append(_utterance(start_s, length_s, name, shown, text, language, others))
        pause_s = (
            dice.choice((-length_s / 3, 0.2, 0.3, 0.5, 0.8)) if dice.random() < 0.85 else dice.uniform(1, 5)
        )
        start_s = round(start_s + length_s + pause_s, 3)
    return said


def _utterance(
    start_s: float, length_s: float, name: str, shown: str | None, text: str, language: str, others: list[str]
) -> dict[str, Any]:
    words = text.split()
    step_s = length_s / len(words)
    return {
        "id": f"u{round(start_s * 1000)}",
        "start": start_s,
        "end": round(start_s + length_s, 3),
        "speaker": name,
        "name": shown,
        "overlapped": bool(others),
        "overlapping_speakers": others,
        "text": text,
        "words": [
            [word, round(start_s + step_s * place, 3), round(start_s + step_s * (place + 1), 3), 0.9]
            for place, word in enumerate(words)
        ],
        "language": language,
    }


def _silences(speech: list[list[float]], duration_s: float) -> list[list[float]]:
    silences, end_s = [], 0.0
    for start_s, next_end_s in [*speech, [duration_s, duration_s]]:
        if start_s - end_s >= 1:
            silences.append([end_s, start_s])
        end_s = max(end_s, next_end_s)
    return silences


def _curve(dice: random.Random, silences: list[list[float]], duration_s: float) -> list[list[Any]]:
    curve, base = [], 0.1
    left = list(silences)
    for step in range(round(duration_s * 2)):
        time_s = step / 2
        base = min(max(base + dice.uniform(-0.02, 0.02), 0.0), 0.45)
        while left and left[0][1] < time_s:
            left.pop(0)
        silent_s = max(time_s - left[0][0], 0.0) if left else 0.0
        value = round(1 - (1 - base) * (1 - min(silent_s / 4.5, 1.0)), 3)
        curve.append([time_s, value, dice.choice(_REASONS) if value > 0.3 else []])
    return curve


def _suggestions(dice: random.Random, duration_s: float) -> list[dict[str, Any]]:
    times_s = sorted(
        round(dice.uniform(5, duration_s - 5), 3) for _ in range(max(round(duration_s / 120), 1))
    )
    return [
        {
            "id": f"t{round(time_s * 1000)}",
            "time": time_s,
            "withdrawn": round(time_s + 2.25, 3) if place % 3 == 0 else None,
            "text": "You told us about the lake, what would you show us first if we all went there together?",
            "topic": "lake",
            "rationale": "It was mentioned and nobody followed.",
            "trigger": "silence",
            "awkwardness": 0.72,
            "addressed_to": ["S2"] if place % 2 else [],
            "source": "topic_bank",
            "valid_until": time_s + 10,
        }
        for place, time_s in enumerate(times_s)
    ]


def _speakers(utterances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    speakers: dict[str, dict[str, Any]] = {}
    for turn in utterances:
        entry = {"id": turn["speaker"], "name": turn["name"], "talk": 0.0, "utterances": 0, "words": 0}
        speaker = speakers.setdefault(turn["speaker"], entry)
        speaker["talk"] += turn["end"] - turn["start"]
        speaker["utterances"] += 1
        speaker["words"] += len(turn["words"])
    total_s = sum(speaker["talk"] for name, speaker in speakers.items() if name != ROBOT)
    for name, speaker in speakers.items():
        speaker["share"] = None if name == ROBOT else round(speaker["talk"] / total_s, 4)
    return list(speakers.values())


def _parameters() -> dict[str, Any]:
    return {
        "asr": {
            "end_of_turn_s": {"value": 0.8, "default": 0.6},
            "language": {"value": "", "default": ""},
        },
        "diarization": {"max_speakers": {"value": 0, "default": 0}},
        "topic_recommender": {
            "relationship": {"value": "strangers", "default": "acquaintances"},
            "offer_at": {"value": 0.7, "default": 0.7},
        },
    }
