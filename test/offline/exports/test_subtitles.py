from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from stalk_ros.offline.exports import Srt, WebVtt
from stalk_ros.offline.exports.characters import columns, plain

SENTENCE = "we walked around the lake and went to a small restaurant where they had the best fish of all"
TURN = f"Yes, I took the train. {SENTENCE.capitalize()}. It was late, so we stayed."
KOREAN = "우리는 호수 주변을 걷고 작은 식당에 갔는데 거기에는 세상에서 제일 맛있는 생선 요리가 있었어요"
JAPANESE = (
    "私たちは湖の周りを歩いて、小さなレストランに行きました。そこの魚料理は世界で一番おいしかったです。"
)


@pytest.fixture(scope="session")
def written(heard):
    def write(kind: Any, *events: Any) -> str:
        file = _Kept()
        export = kind(file, heard(60.0))
        for event in events:
            export.write(event)
        export.close()
        return file.text

    return write


class _Kept(io.StringIO):
    def close(self) -> None:
        self.text = self.getvalue()
        super().close()


def spoken(text: str, start_s: float, step_s: float = 0.3) -> list[tuple[str, float, float]]:
    return [
        (word, start_s + at * step_s, start_s + at * step_s + 0.2) for at, word in enumerate(text.split())
    ]


def cues(text: str) -> list[Any]:
    return list(webvtt.from_string(text))


def subrip(text: str) -> list[tuple[float, float, list[str]]]:
    """The cues of SubRip by its usual description: a number, the times, lines, and an empty line."""
    found = []
    for number, block in enumerate(text.split("\n\n")[:-1], 1):
        counted, span, *lines = block.split("\n")
        assert counted == str(number)
        match = re.fullmatch(r"(\d\d+):(\d\d):(\d\d),(\d{3}) --> (\d\d+):(\d\d):(\d\d),(\d{3})", span)
        assert match
        h, m, s, ms, *end = map(int, match.groups())
        seconds = [a * 3600 + b * 60 + c + d / 1000 for a, b, c, d in ((h, m, s, ms), tuple(end))]
        found.append((*seconds, lines))
    return found


def test_srt_has_a_cue_per_utterance_with_the_name(written, said) -> None:
    first, second = said(1.5, 2.5, "did you", speaker_name="Ann B"), said(3661.25, 3663, "yes")
    assert written(Srt, first, second) == (
        "1\n00:00:01,500 --> 00:00:02,500\nAnn B: did you\n\n2\n01:01:01,250 --> 01:01:03,000\nS1: yes\n\n"
    )


def test_vtt_has_the_speaker_as_a_voice(written, said) -> None:
    text = written(WebVtt, said(1.5, 2.5, "did you", speaker_name="안나"), said(3, 4, "yes", speaker_id=""))
    assert text == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:02.500\n<v 안나>did you\n\n00:00:03.000 --> 00:00:04.000\nyes\n\n"
    )


@pytest.mark.parametrize("kind", [Srt, WebVtt])
def test_nothing_but_what_was_said_in_the_end_is_shown(kind, written, said, suggested) -> None:
    nothing = written(kind)
    assert not cues(nothing or "WEBVTT\n")
    assert (
        written(kind, said(1, 2, "par", final=False), said(1, 2), said(1, 2, " \n"), suggested(3)) == nothing
    )


@pytest.mark.parametrize(
    ("text", "language", "timed"),
    [
        (TURN, "en", True),
        (TURN, "en", False),
        (KOREAN, "ko", False),
        (JAPANESE, "ja", False),
        ("x" * 300, "", True),
    ],
)
@pytest.mark.parametrize("name", ["", "Ann", "Maximiliane"])
def test_a_cue_has_two_lines_of_42_columns_at_most(written, said, text, language, timed, name) -> None:
    words = spoken(text, 1.0) if timed else ()
    utterance = said(1.0, 12.0, text, words=words, language=language, speaker_id="", speaker_name=name)
    glue = "" if language == "ja" else " "
    shown = subrip(written(Srt, utterance))
    assert len(shown) > 1
    told = []
    for start_s, end_s, lines in shown:
        assert 0 < end_s - start_s <= 7.0
        assert 1 <= len(lines) <= 2
        assert all(columns(line) <= 42 for line in lines)
        told += [glue.join(lines).removeprefix(f"{name}: ")]
    whole = glue.join(told)
    assert whole.replace(" ", "") == text.replace(" ", "")
    assert [start_s for start_s, _, _ in shown] == sorted({start_s for start_s, _, _ in shown})


def test_the_break_is_where_a_sentence_ends_not_in_the_middle_of_it(written, said) -> None:
    text = "I took the train to the mountains with my sister last week. She had never been up there before."
    (first, second) = cues(written(WebVtt, said(1, 6, text)))
    assert first.text.replace("\n", " ") == text[: text.index(" She")]
    assert second.text.replace("\n", " ") == text[text.index("She") :]


def test_a_cue_starts_when_its_first_word_is_said(written, said) -> None:
    text = "I took the train to the mountains with my sister last week. She had never been up there before."
    words = spoken(text, 1.0)
    (first, second) = cues(written(WebVtt, said(1, 7, words=words)))
    assert (first.start, first.end) == ("00:00:01.000", f"00:00:{words[11][2]:06.3f}")
    assert second.start == f"00:00:{words[12][1]:06.3f}"


def test_what_is_slow_is_cut_before_it_stands_too_long(written, said) -> None:
    shown = subrip(written(Srt, said(0, 20, words=spoken("one two three four", 0.0, step_s=5.0))))
    assert all(end_s - start_s <= 7.0 for start_s, end_s, _ in shown)
    assert len(shown) == 2


def test_japanese_lines_do_not_begin_with_punctuation_nor_break_foreign_words(written, said) -> None:
    text = "最近ChatGPTという名前をよく聞きますが、" * 6
    for _, _, lines in subrip(written(Srt, said(1, 20, text, language="ja", speaker_id=""))):
        assert not any(line[0] in "、。" for line in lines)
        assert "".join(lines).count("ChatGPT") == sum(line.count("ChatGPT") for line in lines)


def test_cues_are_in_order_and_short_ones_stay_until_the_next(written, said) -> None:
    events = (said(5.0, 6.0, "late"), said(1.0, 1.1, "mhm"), said(1.3, 1.3, "oh"), said(3.0, 2.0, "back"))
    assert [(start_s, end_s) for start_s, end_s, _ in subrip(written(Srt, *events))] == [
        (1.0, 1.3),
        (1.3, 2.133),
        (3.0, 3.833),
        (5.0, 6.0),
    ]


def test_voices_that_overlap_are_both_shown(written, said) -> None:
    shown = subrip(written(Srt, said(1, 4, "one"), said(2, 3, "two", speaker_id="S2")))
    assert [cue[:2] for cue in shown] == [(1.0, 4.0), (2.0, 3.0)]


def test_what_means_something_to_a_player_is_shown_as_text(written, said) -> None:
    odd = said(1, 2, "a --> <b>c & d", speaker_name="A<B> & C")
    assert written(Srt, odd).split("\n")[2] == "A‹B› & C: a → ‹b›c & d"
    (line,) = (line for line in written(WebVtt, odd).split("\n") if "<v" in line)
    assert line == "<v A&lt;B&gt; &amp; C>a --&gt; &lt;b&gt;c &amp; d"


_UNBROKEN = str.maketrans("", "", " \n")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=120) | st.sampled_from([TURN, JAPANESE])
utterances = st.lists(
    st.tuples(
        st.floats(0, 50), st.floats(-1, 9), texts, st.sampled_from(["", "en", "ja"]), st.booleans(), texts
    ),
    max_size=4,
)


@settings(deadline=None)
@given(made=utterances)
def test_any_text_comes_back_out_of_both_formats(made, written, said) -> None:
    events = [
        said(
            start_s,
            start_s + length_s,
            text,
            language=language,
            speaker_id="",
            speaker_name=name,
            words=(spoken(text, start_s) if timed else ()),
        )
        for start_s, length_s, text, language, timed, name in made
    ]
    wanted = sorted(character for event in events for character in plain(event.text) if character != " ")
    shown = cues(written(WebVtt, *events))
    assert sorted(html.unescape("".join(cue.text for cue in shown)).translate(_UNBROKEN)) == wanted
    starts_s = [cue.start_in_seconds for cue in shown]
    assert starts_s == sorted(starts_s)
    for start_s, end_s, lines in subrip(written(Srt, *events)):
        assert start_s < end_s
        assert all(lines)
