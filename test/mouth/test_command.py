from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stalk_ros.errors import UserError
from stalk_ros.mouth import Command, run
from stalk_ros.mouth.command import speakable

HOSTILE = [
    "$(touch /tmp/owned)",
    "`id`; rm -rf /",
    'it\'s "quoted" \\ twice',
    "--help",
    "-w /tmp/owned",
    "-",
    "{language} {text} %s $1 !! & | > <",
    "Ä 한국어 日本語 \U0001f600",
    "x" * 10_000,
]


def filled(template: str, text: str, language: str = "en") -> tuple[str, ...]:
    return Command.parse(template).call(text, language).arguments


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_is_one_argument_as_it_is(recorder, text) -> None:
    command = Command.parse(f"{recorder.command} --say {{text}} --voice={{language}}")
    run(command.call(text, "en-US"), 60.0, threading.Event())
    arguments, given = recorder.recorded()
    assert [arguments[0], arguments[1].lstrip(" "), arguments[2]] == ["--say", text, "--voice=en-US"]
    assert not arguments[1].startswith("-")
    assert given == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_without_the_placeholder_a_sentence_is_the_standard_input(recorder, text) -> None:
    command = Command.parse(recorder.command)
    run(command.call(text, "en"), 60.0, threading.Event())
    assert recorder.recorded() == ([], f"{text}\n")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text())
def test_no_text_and_no_language_becomes_anything_but_an_argument(recorder, text, language) -> None:
    command = Command.parse(f"{recorder.command} {{text}} {{language}}")
    run(command.call(text, language), 60.0, threading.Event())
    (spoken, tag), _ = recorder.recorded()
    assert spoken.strip(" ") == speakable(text)
    assert not spoken.startswith("-")
    assert tag == language or tag == "en"
    assert not tag.startswith("-")


@given(st.text())
def test_what_is_spoken_is_one_line_without_control_characters(text) -> None:
    spoken = speakable(text)
    assert spoken.isprintable() or not any(letter in spoken for letter in map(chr, range(32)))
    assert spoken == spoken.strip()
    spoken.encode()


def test_control_characters_part_words() -> None:
    assert speakable(" One\r\n\ttwo\x00three\x1b[0m \ud800 ") == "One two three [0m"
    assert speakable("\n\x00 ") == ""


def test_a_minus_before_a_number_is_still_said() -> None:
    assert filled("cat {text}", "-5 degrees today.") == ("cat", " -5 degrees today.")
    assert filled("cat --text={text}", "-5 degrees today.") == ("cat", "--text=-5 degrees today.")


@pytest.mark.parametrize(
    ("language", "tag"),
    [("ko", "ko"), ("en-US", "en-US"), ("zh-Hant-TW", "zh-Hant-TW")]
    + [(other, "en") for other in ("", "-w", "a", "en us", "en_US", "en;ls", "en\n")],
)
def test_what_is_no_tag_is_english(language, tag) -> None:
    assert filled("cat {language}", "Hello.", language) == ("cat", tag)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("'' {text}", "is empty"),
        ("espeak-ng '{text}", "No closing quotation"),
        ("espeak-ng {speech}", "unknown placeholder {speech}; there are: {text}, {language}"),
        ("espeak-ng {}", "unknown placeholder {}"),
        ("{text}", "begins with a placeholder"),
        ("no-such-voice {text}", "there is no program 'no-such-voice': install it, or give its path"),
        ("/nowhere/say {text}", "there is no program '/nowhere/say'"),
    ],
)
def test_a_wrong_template_is_one_clear_line(template, complaint) -> None:
    with pytest.raises(UserError) as error:
        Command.parse(template)
    assert complaint in str(error.value)
    assert str(error.value).startswith("parameter 'command'")
    assert "\n" not in str(error.value)


def test_a_known_program_that_is_missing_comes_with_its_installation(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="there is no program 'espeak-ng': sudo apt install espeak-ng"):
        Command.parse("espeak-ng {text}")


@pytest.mark.parametrize(
    "template",
    [
        "sh -c 'espeak-ng {text}'",
        "sh -c {text}",
        "sh -ec '--' {text}",
        "/bin/bash -o pipefail -c 'espeak-ng \"{text}\" | cat'",
        "env LANG=C bash -lc 'say {text}'",
        "python3 -c 'print(\"{text}\")'",
        "perl -e {text}",
        "ssh robot espeak-ng -- {text}",
        "su robot -c 'espeak-ng {text}'",
        "sh",
        "env bash -s",
        "python3 -",
    ],
)
def test_a_template_that_would_run_the_sentence_is_refused(template) -> None:
    with pytest.raises(UserError, match="would run the sentence as code"):
        Command.parse(template)


def test_a_pipe_gets_the_sentence_as_an_argument(tmp_path) -> None:
    output = tmp_path / "said"
    text = "'; touch owned; $(touch owned)"
    command = Command.parse(f"""sh -c 'printf %s "$1" | cat > "$0"' {output} {{text}}""")
    run(command.call(text, "en"), 60.0, threading.Event())
    assert output.read_text() == text
    assert not (tmp_path / "owned").exists()


def test_braces_of_other_programs_are_left_alone() -> None:
    assert filled("awk '{print $1}' {text}", "Hello.") == ("awk", "{print $1}", "Hello.")
