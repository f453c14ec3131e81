"""Whole conversations through the topic stage: what the robot says in their lapses."""

import re
from itertools import chain
from pathlib import Path

import pytest
import yaml

from stalk_ros.events import Suggestion, SuggestionStatus, Utterance, VoiceActivity
from stalk_ros.topics import TopicParameters, TopicStage
from stalk_ros.topics.languages.ko import nouns

MS = 1_000_000
STEP_MS, WORD_MS, LAPSE_MS = 100, 400, 6_000
TALKS = yaml.safe_load(
    Path(__file__).parents[2].joinpath("data", "dialogues_ko.yaml").read_text(encoding="utf-8")
)
LAPSE_EVERY = 3
ENDINGS = {"polite": r"요\?$", "formal": r"니까\?$", "casual": r"(?<!요)(?<!니까)\?$"}


def offers(turns, level):
    """What is offered in a lapse after every third turn."""
    stage = TopicStage.load(
        TopicParameters(backend="topic_bank", language="ko", speech_level=level, cooldown_s=5.0), patient=True
    )
    told, now, ended = [], 0, 0
    for number, turn in enumerate(turns, 1):
        start, end = now, now + STEP_MS + WORD_MS * len(turn["text"].split())
        silent = LAPSE_MS if number % LAPSE_EVERY == 0 else STEP_MS
        told += hear(stage, True, start, start, end, ended)
        told += stage.said(
            Utterance(
                f"u{number}",
                start * MS,
                end * MS,
                turn["text"],
                language="ko",
                speaker_id=turn["speaker"],
                speaker_name=turn.get("name", ""),
            )
        )
        ended, now = end, end + silent
        told += hear(stage, False, end, end, now, ended)
    stage.close()
    found = (event for event in told if isinstance(event, Suggestion))
    return [offer.text for offer in found if offer.status == SuggestionStatus.OFFERED]


def hear(stage, speech, since, begin, end, ended):
    """Voice activity every 0.1 s from ``begin`` to ``end``, times in ms."""
    times = range(begin + STEP_MS, end + 1, STEP_MS)
    return list(
        chain.from_iterable(
            stage.heard(
                VoiceActivity(
                    now * MS, speech, 0.5, (now - since) * MS, (since if speech else now) * MS, ended * MS
                )
            )
            for now in times
        )
    )


@pytest.fixture(params=["library", "particles"], autouse=True)
def analyzer(request, monkeypatch):
    if request.param == "library":
        pytest.importorskip("kiwipiepy")
    else:
        monkeypatch.setattr(nouns, "_analyzer", lambda: None)


@pytest.mark.parametrize("level", ENDINGS)
@pytest.mark.parametrize("talk", TALKS)
def test_every_lapse_hears_something_a_korean_would_say(talk, level):
    said = offers(TALKS[talk], level)
    assert len(said) >= 3
    assert len(set(said)) == len(said)
    for text in said:
        assert re.search(ENDINGS[level], text), text
        assert not re.search(r"을/를|은/는|이/가|(할머니|엄마|선생님|사장님|팀장) 씨|[{}]", text), text
        assert not re.search(r"[가-힣] 씨,", text) or level != "casual", text
        assert "축구" not in text, "it was said of another one who is there"
        assert not re.search(r"하늘(은|이|을| 이야기| 얘기| 말씀| 하면)", text), "it is a name"
