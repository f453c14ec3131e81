"""The parameters of all stages, from the params file the nodes use."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stalk_ros.audio import CaptureParameters
from stalk_ros.errors import UserError
from stalk_ros.parameters import Parameters, bounds, spec_of
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speech import SpeechParameters
from stalk_ros.topics import TopicParameters

NODES: dict[str, type[Parameters]] = {
    "audio_capture": CaptureParameters,
    "asr": SpeechParameters,
    "diarization": SpeakerParameters,
    "topic_recommender": TopicParameters,
}
"""Node name to the class that declares its parameters."""

NODE_PARAMETERS = ("autostart", "use_sim_time")
"""What every node has and no stage does."""


@dataclass(frozen=True)
class Configuration:
    """Parameters of every stage."""

    audio_capture: CaptureParameters = field(default_factory=CaptureParameters)
    asr: SpeechParameters = field(default_factory=SpeechParameters)
    diarization: SpeakerParameters = field(default_factory=SpeakerParameters)
    topic_recommender: TopicParameters = field(default_factory=TopicParameters)


def load(params_file: str | Path | None = None, assignments: tuple[str, ...] = ()) -> Configuration:
    """Read a ROS 2 params file and apply single assignments on top.

    Args:
        params_file: YAML with ``<node>: ros__parameters:`` sections; wildcards and namespaces before the node
        name
            are ignored, since one conversation is configured.
        assignments: ``"node.parameter=value"``, the value as YAML.

    Raises:
        UserError: the file cannot be read, or something in it is wrong.
    """
    values: dict[str, dict[str, Any]] = {node: {} for node in NODES}
    if params_file is not None:
        for node, section in _sections(Path(params_file)).items():
            values[node].update(section)
    for assignment in assignments:
        node, name, value = _assignment(assignment)
        values[node][name] = value
    made = {node: NODES[node].from_dict(section, node) for node, section in values.items()}
    return Configuration(**made)


def default_file() -> str:
    """The params file with every parameter of every node at its default, explained."""
    lines = ["# Every parameter of every node, at its default. Times are in seconds of audio."]
    for node, cls in NODES.items():
        lines += ["", f"/**/{node}:", "  ros__parameters:"]
        lines += ["    # Configure and activate the node as soon as it runs", "    autostart: true"]
        for field in dataclasses.fields(cls):
            lines += [f"    # {_explained(field)}", f"    {field.name}: {json.dumps(field.default)}"]
    return "\n".join(lines) + "\n"


def _explained(field: dataclasses.Field[Any]) -> str:
    spec = spec_of(field)
    if spec.choices:
        return f"{spec.description}; one of {', '.join(spec.choices)}"
    if spec.minimum is not None or spec.maximum is not None:
        return f"{spec.description}; {bounds(spec)}"
    return spec.description


def _sections(path: Path) -> dict[str, dict[str, Any]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise UserError(f"cannot read params file '{path}': {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"params file '{path}' is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise UserError(f"params file '{path}' must hold '<node>: ros__parameters:' sections")
    sections: dict[str, dict[str, Any]] = {}
    for key, content in document.items():
        node = str(key).rpartition("/")[2]
        if node == "**":
            continue
        if node not in NODES:
            raise UserError(f"params file '{path}' names node '{key}'; there are: {', '.join(NODES)}")
        if not isinstance(content, dict) or not isinstance(content.get("ros__parameters"), dict):
            raise UserError(f"params file '{path}': '{key}' needs a 'ros__parameters:' section")
        own = {
            name: value for name, value in content["ros__parameters"].items() if name not in NODE_PARAMETERS
        }
        sections.setdefault(node, {}).update(own)
    return sections


def _assignment(text: str) -> tuple[str, str, Any]:
    target, equals, value = text.partition("=")
    node, dot, name = target.strip().partition(".")
    if not equals or not dot or node not in NODES:
        raise UserError(f"'{text}' is no NODE.PARAMETER=VALUE with a node of {', '.join(NODES)}")
    try:
        return node, name, yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"the value in '{text}' is not YAML") from None
