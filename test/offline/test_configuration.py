from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.configuration import Configuration, default_file, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def params(tmp_path: Path):
    """Writes a params file."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "params.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refusal(*arguments) -> str:
    with pytest.raises(UserError) as error:
        load(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_a_file_everything_has_its_default(params) -> None:
    assert load() == load(params("")) == load(params("# nothing yet")) == Configuration()


def test_the_default_file_is_the_default(params) -> None:
    assert load(params(default_file())) == Configuration()


@pytest.mark.parametrize(
    "text",
    [
        "asr: {ros__parameters: {end_of_turn_s: 0.9}}",
        "/asr: {ros__parameters: {end_of_turn_s: 0.9}}",
        "/stalk/asr: {ros__parameters: {end_of_turn_s: 0.9}}",
        "/**/asr: {ros__parameters: {end_of_turn_s: 0.9}}",
        "/**:\n  asr:\n    ros__parameters:\n      end_of_turn_s: 0.9",
        "stalk: {asr: {ros__parameters: {end_of_turn_s: 0.9}}, diarization: {ros__parameters: {}}}",
        "/**/asr: {ros__parameters: {end_of_turn_s: 0.3}}\nasr: {ros__parameters: {end_of_turn_s: 0.9}}",
    ],
)
def test_a_node_is_found_by_its_name_in_every_form_that_ros_2_reads(params, text: str) -> None:
    assert load(params(text)) == load(None, ("asr.end_of_turn_s=0.9",))


def test_sections_of_the_same_node_add_up(params) -> None:
    text = "/**/asr: {ros__parameters: {partials: true}}\nasr: {ros__parameters: {end_of_turn_s: 0.9}}"
    assert load(params(text)) == load(None, ("asr.end_of_turn_s=0.9", "asr.partials=true"))


def test_parameters_for_all_nodes_reach_every_node(params) -> None:
    configuration = load(params("/**: {ros__parameters: {use_sim_time: true}}"))
    assert configuration == Configuration()
    message = refusal(params("/**: {ros__parameters: {end_of_turn_s: 0.9}}"))
    assert message.startswith("audio_capture has no parameter 'end_of_turn_s'"), "as the nodes see it"


def test_what_only_nodes_have_is_left_to_them(params) -> None:
    text = """
    asr:
      ros__parameters:
        autostart: false
        use_sim_time: true
        start_type_description_service: false
        qos_overrides./stalk/audio.subscription.depth: 5
        qos_overrides: {/stalk/audio: {subscription: {reliability: best_effort}}}
        partials: true
    """
    assert load(params(text)) == load(None, ("asr.partials=true",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "asr: {ros__parameters: {end_of_tern_s: 1}}",
            "asr has no parameter 'end_of_tern_s'; it has: backend, ",
        ),
        (
            "asr: {ros__parameters: {end_of_turn_s: 60}}",
            "asr: parameter 'end_of_turn_s' must be between 0.1 and 5.0",
        ),
        (
            "asr: {ros__parameters: {end_of_turn_s: long}}",
            "asr: parameter 'end_of_turn_s' must be a number, not 'long'",
        ),
        ("asr: {ros__parameters: {backend: 7}}", "asr: parameter 'backend' must be a string, not 7"),
        ("asr: {ros__parameters: {7: 7, x: 7}}", "asr has no parameter '7'"),
        (
            "asrr: {ros__parameters: {}}",
            "params file '{}' names node 'asrr'; there are: audio_capture, asr, ",
        ),
        ("stalk: {asrr: {ros__parameters: {}}}", "params file '{}' names node 'asrr'"),
        ("7: {ros__parameters: {}}", "params file '{}' names node '7'"),
        ("asr: {end_of_turn_s: 0.9}", "params file '{}': 'asr' needs a 'ros__parameters:' section"),
        ("asr:", "params file '{}': 'asr' needs a 'ros__parameters:' section"),
        ("asr: {ros__parameters: [1]}", "params file '{}': 'asr' needs a 'ros__parameters:' section"),
        ("- asr", "params file '{}' must hold '<node>: ros__parameters:' sections"),
        ("asr: [\n  1", "params file '{}' is not YAML: "),
        ("asr: 2024-99-99", "params file '{}' is not YAML: "),
        ("asr:\n\tros__parameters:", "params file '{}' is not YAML: "),
        (b"asr: \xff\xfe", "params file '{}' is not YAML: "),
        (b"RIFF\x00\x00\x00", "params file '{}' is not YAML: "),
    ],
)
def test_a_mistake_in_the_file_is_told_in_one_line(params, text: str | bytes, message: str) -> None:
    path = params(text)
    assert refusal(path).startswith(message.replace("{}", str(path)))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "none.yaml")
        == f"cannot read params file '{tmp_path / 'none.yaml'}': No such file or directory"
    )
    assert refusal(tmp_path) == f"cannot read params file '{tmp_path}': Is a directory"


def test_assignments_come_after_the_file_and_the_last_one_counts(params) -> None:
    path = params("asr: {ros__parameters: {end_of_turn_s: 0.9, max_utterance_s: 9}}")
    configuration = load(path, ("asr.end_of_turn_s=2", "asr.end_of_turn_s = 1", "asr.partials=true"))
    assert configuration.asr.end_of_turn_s == 1.0
    assert configuration.asr.max_utterance_s == 9.0
    assert configuration.asr.partials is True
    assert load(None, ("audio_capture.frame_id=a=b",)).audio_capture.frame_id == "a=b"
    assert load(None, ("asr.model=''",)).asr.model == ""


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "asr.end_of_turn_s",
            "'asr.end_of_turn_s' is no NODE.PARAMETER=VALUE with a node of audio_capture, asr, ",
        ),
        ("end_of_turn_s=1", "'end_of_turn_s=1' is no NODE.PARAMETER=VALUE"),
        ("asrr.end_of_turn_s=1", "'asrr.end_of_turn_s=1' is no NODE.PARAMETER=VALUE"),
        ("", "'' is no NODE.PARAMETER=VALUE"),
        ("asr.=1", "asr has no parameter ''"),
        ("asr.end_of_tern_s=1", "asr has no parameter 'end_of_tern_s'"),
        ("asr.end_of_turn_s=", "asr: parameter 'end_of_turn_s' must be a number, not None"),
        ("asr.end_of_turn_s=0.01", "asr: parameter 'end_of_turn_s' must be between 0.1 and 5.0, not 0.01"),
        ("asr.end_of_turn_s=.nan", "asr: parameter 'end_of_turn_s' must be between 0.1 and 5.0, not nan"),
        ("asr.model=[1", "the value in 'asr.model=[1' is not YAML"),
        ("asr.model=2024-99-99", "the value in 'asr.model=2024-99-99' is not YAML"),
        ("asr.end_of_turn_s=" + "9" * 400, "asr: parameter 'end_of_turn_s' must be between"),
    ],
)
def test_a_wrong_assignment_is_told_in_one_line(assignment: str, message: str) -> None:
    assert refusal(None, (assignment,)).startswith(message)
