from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter

from stalk_ros.offline.configuration import NODES, default_file
from stalk_ros.ros.asr import Asr

CONFIG = Path(__file__).parents[2] / "config" / "conversation.yaml"


def asr(graph, **overrides):
    return graph.add(
        Asr(parameter_overrides=[Parameter(name, value=value) for name, value in overrides.items()])
    )


def test_the_params_file_has_every_parameter_at_its_default() -> None:
    assert CONFIG.read_text(encoding="utf-8") == default_file(), "write it anew with: stalk params"
    for node, cls in NODES.items():
        values = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))[f"/**/{node}"]["ros__parameters"]
        assert values.pop("autostart") is True
        assert cls(**values) == cls()


def test_every_parameter_is_declared_with_its_range_and_meaning(graph) -> None:
    node = asr(graph)
    for field in dataclasses.fields(node.parameters_class):
        assert node.get_parameter(field.name).value == field.default
        assert node.describe_parameter(field.name).description == field.metadata["parameter"].description
    bounds = node.describe_parameter("end_of_turn_s").floating_point_range[0]
    assert (bounds.from_value, bounds.to_value) == (0.1, 5.0)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"end_of_tern_s": 1.0}, "there is no parameter 'end_of_tern_s'"),
        ({"end_of_turn_s": "long"}, "parameter 'end_of_turn_s' must be a number"),
        ({"end_of_turn_s": 60.0}, "parameter 'end_of_turn_s' must be between 0.1 and 5.0"),
        ({"partials": 1}, "parameter 'partials' must be a bool"),
        ({"autostart": "maybe"}, "parameter 'autostart' must be a bool"),
        (
            {"backend": "whisperer"},
            "unknown backend 'whisperer'; there are: auto, faster_whisper, pocketsphinx",
        ),
        ({"model": "large-v3", "backend": "pocketsphinx"}, "leave parameter 'model' empty"),
        ({"vad_model": "/nowhere.onnx"}, "there is no Silero VAD model '/nowhere.onnx'"),
    ],
)
def test_a_mistake_leaves_the_node_unconfigured_with_one_clear_error(graph, overrides, message) -> None:
    node = asr(graph, **overrides)
    node.autostart()
    assert message in node.last_error
    assert "\n" not in node.last_error
    assert node._state_machine.current_state[1] == "unconfigured"


def test_a_whole_number_will_do_for_a_number(graph) -> None:
    assert asr(graph, end_of_turn_s=1).get_parameter("end_of_turn_s").value == 1.0


def test_a_wrong_value_can_be_mended_while_the_node_is_unconfigured(graph) -> None:
    node = asr(graph, end_of_turn_s=60.0)
    node.autostart()
    assert node.set_parameters([Parameter("end_of_turn_s", value=0.5)])[0].successful
    node.autostart()
    assert node.active


def test_parameters_change_while_the_node_runs_unless_they_are_read_only(graph) -> None:
    node = asr(graph)
    node.autostart()

    def change(name, value):
        parameters = [Parameter(name, value=value).to_parameter_msg()]
        request = SetParameters.Request(parameters=parameters)
        return graph.call(SetParameters, "asr/set_parameters", request).results[0]

    assert change("end_of_turn_s", 0.9).successful
    assert node._stage.parameters.end_of_turn_s == 0.9
    refused = change("end_of_turn_s", 9.0)
    assert not refused.successful
    refused = change("backend", "pocketsphinx")
    assert not refused.successful
    assert "read when the node is configured" in refused.reason
    assert node._stage.parameters.end_of_turn_s == 0.9
