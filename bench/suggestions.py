"""Suggestions of the topic bank with what was said before them, as Markdown for people to read.

``python bench/suggestions.py --dialogues DIR > docs/suggestions.md``, where DIR holds primock57_days_1_2.json
(rows of start, end, speaker and text) and tiage_dev.json (turns of two people with labels).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import Draft, TopicParameters, TopicRequest
from stalk_ros.topics.backends.topic_bank import TopicBank

ROOT = Path(__file__).parents[1]
SHOWN = 3
"""Turns of context."""

CONSULTATIONS, CHATS, CHAT_TURNS = 10, 26, 11
"""Of primock57 and tiage, the first ones, each cut once: at its longest silence, and after so many turns."""

HEAD = """# What the topic bank says

40 English suggestions and 15 Korean ones, each under the last turns before it, as
`python bench/suggestions.py --dialogues DIR` prints them. No dialogue was left out because of what came
of it. The bank sees nothing but the turns, and names where they are given: no model has a part in it.

Sources: the project's own [sample](../samples/conversation.yaml); [PriMock57](https://github.com/babylonhealth/primock57)
(Papadopoulos Korfiatis et al., ACL 2022, CC BY 4.0; mock consultations between doctors and actors, cut at
the longest silence: the bank has to keep off all that is said there);
[TIAGE](https://github.com/HuiyuanXie/tiage) (Xie et al., Findings of EMNLP 2021, MIT; chats of PersonaChat);
a Korean conversation written for this project
([dialogue_ko.yaml](../test/topics/data/dialogue_ko.yaml)).
The quotes are as they are in the sources.
"""


@dataclass(frozen=True)
class Scene:
    """A conversation up to where it lapses."""

    source: str
    turns: tuple[Utterance, ...]
    names: dict[str, str]
    quiet: tuple[str, ...] = ()


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dialogues", type=Path, metavar="DIR", required=True)
    dialogues = parser.parse_args().dialogues
    scenes = [*_sample(), *_consultations(dialogues), *_chats(dialogues)]
    print(HEAD)
    print("## English\n")
    _print(scenes, "en", "polite")
    print("## Korean\n")
    _print(_korean(), "ko", "polite")


def _print(scenes: list[Scene], language: str, level: str) -> None:
    """The suggestions for scenes in one session, so that none comes twice; topics count within a dialogue."""
    bank = TopicBank(TopicParameters(speech_level=level))
    texts: list[str] = []
    topics: dict[str, list[str]] = {}
    for number, scene in enumerate(scenes, start=1):
        used = topics.setdefault(scene.source, [])
        draft = bank.recommend(_request(scene, language, texts, used), lambda: False)
        assert draft is not None
        print(_entry(number, scene, draft))
        texts.append(draft.text)
        used.append(draft.topic)


def _request(scene: Scene, language: str, texts: list[str], topics: list[str]) -> TopicRequest:
    return TopicRequest(
        scene.turns,
        language,
        Trigger.SILENCE,
        names=scene.names,
        quiet_speakers=scene.quiet,
        avoid_texts=tuple(texts),
        avoid_topics=tuple(topics),
    )


def _entry(number: int, scene: Scene, draft: Draft) -> str:
    said = "\n>\n".join(
        f"> {scene.names.get(turn.speaker_id, turn.speaker_id)}: {turn.text}" for turn in scene.turns[-SHOWN:]
    )
    lines = f"{number}. {scene.source}\n\n{said}\n\n**{draft.text}** ({draft.rationale})\n".split("\n")
    return "\n".join(f"    {line}".rstrip() if line and at else line for at, line in enumerate(lines))


def _sample() -> list[Scene]:
    """The lapse of the sample, its end, and two suggestions more after it."""
    script = yaml.safe_load((ROOT / "samples" / "conversation.yaml").read_text(encoding="utf-8"))["turns"]
    turns = _utterances([(turn["speaker"], turn["text"]) for turn in script])
    names = {turn.speaker_id: turn.speaker_id.capitalize() for turn in turns}
    lapse = next(index for index, turn in enumerate(script) if turn["gap_s"] > 3)
    return [Scene("Sample", turns[:end], names) for end in (lapse, len(turns), len(turns), len(turns))]


def _consultations(folder: Path) -> list[Scene]:
    scenes = []
    rows = json.loads((folder / "primock57_days_1_2.json").read_text(encoding="utf-8"))
    for name, dialogue in list(rows.items())[:CONSULTATIONS]:
        said = [row for row in dialogue if row[3].strip()]
        gaps = [later[0] - max(row[1] for row in said[: at + 1]) for at, later in enumerate(said[1:])]
        cut = max(range(len(gaps)), key=gaps.__getitem__) + 1
        turns = _utterances([(row[2], row[3]) for row in said[:cut]])
        scenes.append(Scene(f"PriMock57, {name}", turns, {}, ("patient",)))
    return scenes


def _chats(folder: Path) -> list[Scene]:
    """Every second one of people whose names are known, who are none of the real ones."""
    scenes = []
    rows = json.loads((folder / "tiage_dev.json").read_text(encoding="utf-8"))
    for number, (name, dialogue) in enumerate(list(rows.items())[:CHATS]):
        turns = _utterances([("AB"[at % 2], row[0]) for at, row in enumerate(dialogue[:CHAT_TURNS])])
        names = {"A": "Ann", "B": "Ben"} if number % 2 else {}
        scenes.append(Scene(f"TIAGE, {name}", turns, names))
    return scenes


def _korean() -> list[Scene]:
    path = ROOT / "test" / "topics" / "data" / "dialogue_ko.yaml"
    dialogue = yaml.safe_load(path.read_text(encoding="utf-8"))
    turns = _utterances([(turn["speaker"], turn["text"]) for turn in dialogue["turns"]])
    return [Scene("대화", _in_korean(turns[:end]), dialogue["names"]) for end in dialogue["lapses"]]


def _in_korean(turns: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    return tuple(replace(turn, language="ko") for turn in turns)


def _utterances(said: list[tuple[str, str]]) -> tuple[Utterance, ...]:
    return tuple(
        Utterance(f"u{number}", number, number + 1, text, language="en", speaker_id=speaker)
        for number, (speaker, text) in enumerate(said, start=1)
    )


if __name__ == "__main__":
    main()
