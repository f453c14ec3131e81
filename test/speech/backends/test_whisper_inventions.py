"""The rules, on segments as faster-whisper gives them."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest
from faster_whisper.transcribe import Segment, Word
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.speech.backends.whisper_inventions import heard_nothing, without_inventions
from stalk_ros.speech.transcription import Removal

CLEAR = {"no_speech_prob": 0.05, "avg_logprob": -0.3}
"""Scores of speech that Whisper understands."""

SILENT = {"no_speech_prob": 0.9, "avg_logprob": -0.3}
"""Scores of a phantom: no speech, and yet sure of every word."""


def said(text: str, word_s: float = 0.3, probability: float = 0.9, seek: int = 0, **scores: float) -> Segment:
    """A segment the words of which begin where its text has a space; Chinese and Japanese by characters."""
    spaced = " " in text.strip() or text.isascii()
    parts = [f" {part}" for part in text.split()] if spaced else list(text)
    words = [Word(at * word_s, (at + 1) * word_s, part, probability) for at, part in enumerate(parts)]
    encoded = text.encode()
    known = {
        "compression_ratio": len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0,
        **CLEAR,
        **scores,
    }
    end_s = words[-1].end if words else 0.0
    return Segment(1, seek, 0.0, end_s, "".join(parts), [], words=words, temperature=0.0, **known)


def texts(segments: list[Segment]) -> list[str]:
    return [segment.text.strip() for segment in segments]


PHANTOMS = [
    ("ko", "시청해주셔서 감사합니다."),
    ("ko", "시청해 주셔서 감사합니다!"),
    ("ko", "구독과 좋아요 부탁드립니다."),
    ("ko", "MBC 뉴스 이덕영입니다."),
    ("ko", "한글자막 by 한효정"),
    ("ko", "감사합니다."),
    ("en", "Thank you for watching!"),
    ("en", "Please like and subscribe."),
    ("en", "Subtitles by the Amara.org community"),
    ("en", "Thank you."),
    ("ja", "ご視聴ありがとうございました。"),
    ("ja", "チャンネル登録をお願いします"),
    ("zh", "字幕由Amara.org社区提供"),
    ("zh", "請不吝點贊、訂閱、轉發、打賞支持明鏡與點點欄目"),
    ("zh", "字幕志愿者 杨茜茜"),
    ("de", "Untertitel im Auftrag des ZDF für funk, 2017"),
    ("de", "VIELEN DANK FÜRS ZUSCHAUEN!"),
    ("es", "Subtítulos realizados por la comunidad de Amara.org"),
    ("es", "¡Gracias por ver el vídeo!"),
    ("fr", "Sous-titres réalisés par la communauté d'Amara.org"),
    ("fr", "Sous-titrage ST' 501"),
    ("fr", "Merci."),
]

SPEECH = [
    ("ko", "시청에서 만나요, 감사합니다"),
    ("ko", "아니 아니 아니 그건 아니야"),
    ("en", "Thank you for watching my dog"),
    ("en", "No, no, no, I like it"),
    ("ja", "昨日は映画を見ました"),
    ("zh", "谢谢大家来到这里"),
    ("de", "Die Untertitel im Kino waren schlecht"),
    ("es", "Gracias por ver a mi madre"),
    ("fr", "Les sous-titres sont trop petits"),
]


@pytest.mark.parametrize("text", [text for _, text in PHANTOMS])
@pytest.mark.parametrize("times", [1, 3])
def test_a_phantom_goes_where_whisper_hears_no_speech(text: str, times: int) -> None:
    segment = said(" ".join([text] * times) if " " in text else text * times, **SILENT, compression_ratio=1.0)
    kept, removed = without_inventions([segment])
    assert kept == []
    assert removed == (Removal("phantom", segment.text.strip()),)


@pytest.mark.parametrize("text", [text for _, text in PHANTOMS])
def test_a_phantom_stays_where_the_scores_say_that_it_was_said(text: str) -> None:
    segment = said(text)
    assert without_inventions([segment]) == ([segment], ())


@pytest.mark.parametrize(
    "evidence",
    [
        {"no_speech_prob": 0.61},
        {"avg_logprob": -1.01},
        {"word_s": 0.0},
        {"word_s": 5.0},
        {"probability": 0.1},
    ],
)
@pytest.mark.parametrize(("language", "text"), [PHANTOMS[0], PHANTOMS[9], PHANTOMS[10], PHANTOMS[12]])
def test_each_score_is_evidence_against_a_phantom(language: str, text: str, evidence) -> None:
    assert without_inventions([said(text, **evidence)])[0] == []


@pytest.mark.parametrize("evidence", [{"no_speech_prob": 0.6}, {"avg_logprob": -0.99}, {"word_s": 0.07}])
def test_scores_of_speech_are_none(evidence) -> None:
    assert without_inventions([said("Thank you.", **evidence)])[1] == ()


@pytest.mark.parametrize("text", [text for _, text in SPEECH])
def test_no_scores_make_a_phantom_of_what_is_not_in_the_table(text: str) -> None:
    segment = said(text, word_s=0.0, probability=0.01, **SILENT)
    assert without_inventions([segment]) == ([segment], ())


def test_a_window_that_says_something_else_tells_nothing_of_its_phantom() -> None:
    """Real speech lowers or raises the scores of a window; then a phantom's own words must tell."""
    speech, phantom = said("I have to go now", **SILENT), said("Thank you.", **SILENT)
    assert without_inventions([speech, phantom]) == ([speech, phantom], ())
    crammed = said("Thank you.", word_s=0.0)
    assert without_inventions([said("I have to go now"), crammed])[1] == (Removal("phantom", "Thank you."),)
    first, last = said("Thank you.", **CLEAR), said("Thank you.", seek=2900, **SILENT)
    assert without_inventions([first, last]) == ([first], (Removal("phantom", "Thank you."),))


def test_notes_and_points_alone_are_no_words() -> None:
    assert without_inventions([said("♪♪", **SILENT)]) == ([], (Removal("phantom", "♪♪"),))
    assert without_inventions([said("...", **SILENT)])[0] == []


def test_what_whisper_was_given_as_said_before_is_not_said_again_over_noise() -> None:
    context = "Yes, I took the train to the mountains with my sister."
    echo = said("i took the train to the mountains, with my sister", **SILENT)
    assert without_inventions([echo], ["Pepper and Nao.", context])[1][0].kind == "phantom"
    assert without_inventions([echo])[1] == ()
    again = said("I took the train to the mountains with my sister.")
    assert without_inventions([again], [context]) == ([again], ())
    begun = said("Yes, I took the train", **SILENT)
    assert without_inventions([begun], ["", context]) == ([begun], ())


@pytest.mark.parametrize(
    ("no_speech_prob", "avg_logprob", "nothing"),
    [(0.61, -1.0, True), (0.61, -0.99, False), (0.6, -2.0, False), (0.99, -0.3, False), (0.1, -0.1, False)],
)
def test_silence_is_what_whisper_says_is_silence(no_speech_prob, avg_logprob, nothing: bool) -> None:
    segments = [
        said(text, no_speech_prob=no_speech_prob, avg_logprob=avg_logprob)
        for text in ("I think so.", "Do you?")
    ]
    assert heard_nothing(segments[0]) == nothing
    kept, removed = without_inventions(segments)
    assert kept == ([] if nothing else segments)
    assert removed == ((Removal("no speech", "I think so. Do you?"),) if nothing else ())


LOOPS = [
    ("ko", "우리 집에 가자", "자,", 60),
    ("ko", "그래서", "이 영상은 영상은", 40),
    ("en", "I think that", "I'm sorry, I'm late.", 40),
    ("en", "", "Mr. President, thank you.", 40),
    ("ja", "私は思う", "あなたは", 40),
    ("zh", "我们说", "这个我知道", 40),
    ("de", "Das ist", "ein sehr großes Haus und", 40),
    ("es", "Yo creo que", "no lo sé,", 40),
    ("fr", "Je pense que", "c'est la vie,", 40),
]


@pytest.mark.parametrize(("language", "before", "repeated", "times"), LOOPS)
def test_of_a_loop_one_occurrence_stays_and_what_was_said_before(language, before, repeated, times) -> None:
    space = "" if language in ("ja", "zh") else " "
    segment = said(before + space + space.join([repeated] * times), word_s=0.05)
    kept, removed = without_inventions([segment])
    (left,) = texts(kept)
    assert left == (before + space + repeated).strip()
    assert {removal.kind for removal in removed} == {"loop"}
    assert kept[0].words == segment.words[: len(kept[0].words)]
    assert "".join(word.word for word in kept[0].words) == kept[0].text
    gone = sum(len(removal.text.replace(" ", "")) for removal in removed)
    assert gone + len(left.replace(" ", "")) == len(segment.text.replace(" ", ""))


def test_what_is_said_after_a_loop_stays_with_its_times() -> None:
    segment = said("we saw " + "the sea and " * 40 + "the lake", word_s=0.05)
    kept, removed = without_inventions([segment])
    assert texts(kept) == ["we saw the sea and the lake"]
    assert len(removed) == 1
    assert kept[0].words[-1] == segment.words[-1]
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(kept[0].words))


def test_a_loop_goes_over_the_segments_of_a_window() -> None:
    text = "I am here."
    ratio = {"compression_ratio": 9.0}
    window = [said("Well.", **ratio), *(said(text, **ratio) for _ in range(30))]
    kept, removed = without_inventions(window)
    assert kept == window[:2]
    assert removed == (Removal("loop", " ".join([text] * 29)),)


def test_two_loops_are_two() -> None:
    kept, removed = without_inventions([said("you see " * 50 + "I go home " * 30, word_s=0.05)])
    assert texts(kept) == ["you see I go home"]
    assert len(removed) == 2


def one_word(text: str, end_s: float) -> Segment:
    """What has no spaces is one word in a language with spaces."""
    segment = said("x", compression_ratio=18.0)
    segment.text, segment.words = f" {text}", [Word(0.0, end_s, f" {text}", 0.9)]
    return segment


@pytest.mark.parametrize("text", ["오" * 80, "하하" * 60, "あー" * 60, "Sa-" * 90 + "Sa"])
def test_a_loop_within_a_word(text: str) -> None:
    kept, removed = without_inventions([one_word(text, 1.4)])
    assert len(kept[0].text) <= 6
    assert (kept[0].words[0].start, kept[0].words[0].end) == (0.0, 1.4)
    assert [removal.kind for removal in removed] == ["loop"]


def test_laughter_in_one_word_is_let_be() -> None:
    segment = one_word("하" * 14, 2.1)
    assert without_inventions([segment]) == ([segment], ())


def test_a_loop_over_silence_leaves_nothing() -> None:
    """It makes Whisper sure of itself, so that its own rule passes it; the engine may show it but once."""
    segment = said("I'm going to put it in the air.", compression_ratio=9.4, **SILENT)
    assert heard_nothing(segment)
    assert without_inventions([segment]) == ([], (Removal("loop", segment.text.strip()),))


@pytest.mark.parametrize(
    ("text", "word_s"),
    [
        ("no no no", 0.2),
        ("no, " * 10, 0.2),
        ("ha " * 12, 0.2),
        ("네, " * 12, 0.25),
        ("하하하하하하하하하하하하하하", 0.15),
        ("はいはいはい", 0.15),
        ("哈哈哈哈哈哈哈哈哈哈哈哈哈哈", 0.15),
        ("one two three one two three one two three one two three", 0.3),
        ("nein nein nein nein", 0.3),
        ("sí, sí, sí, sí", 0.3),
        ("oui oui oui oui", 0.3),
        ("no " * 30 + "I see I see", 0.3),
    ],
)
def test_who_says_one_thing_again_and_again_is_let_be(text: str, word_s: float) -> None:
    segment = said(text, word_s=word_s)
    assert without_inventions([segment]) == ([segment], ())


def test_repetition_is_no_evidence_without_the_compression_ratio() -> None:
    segment = said("I'm sorry " * 40, word_s=0.0, compression_ratio=2.4)
    assert without_inventions([segment]) == ([segment], ())


SCORES = st.fixed_dictionaries(
    {
        "no_speech_prob": st.floats(0, 0.6),
        "avg_logprob": st.floats(-5, 0),
        "compression_ratio": st.floats(0, 30),
        "word_s": st.floats(0, 4),
        "probability": st.floats(0, 1),
    }
)


WORDS = ["오늘", "나는", "친구를", "만났어요", "we", "saw", "ein", "großes", "maison", "roja", "今日", "我们"]


@given(st.permutations(WORDS), st.integers(1, len(WORDS)), SCORES)
def test_words_that_nobody_invents_are_never_changed(words: list[str], number: int, scores) -> None:
    """Without repetition and match, whatever the scores, as long as Whisper hears speech."""
    segment = said(" ".join(words[:number]), **scores)
    assert without_inventions([segment]) == ([segment], ())


@given(
    st.lists(
        st.tuples(st.sampled_from(["you see", "감사합니다", "ha", "はい", "."]), SCORES, st.integers(0, 2))
    )
)
def test_whatever_it_removes_the_rest_fits_together(parts) -> None:
    parts.sort(key=lambda part: part[2])
    segments = [said(" ".join([text] * 9), seek=seek, **scores) for text, scores, seek in parts]
    kept, removed = without_inventions(segments)
    for segment in kept:
        assert segment.text == "".join(word.word for word in segment.words) != ""
    given_letters = sum(len(segment.text.replace(" ", "")) for segment in segments)
    left = sum(len(text.replace(" ", "")) for text in [*texts(kept), *(removal.text for removal in removed)])
    assert left == given_letters
