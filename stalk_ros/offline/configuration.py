"""The parameters of all stages, from the params file the nodes use."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.audio import AudioCommonInParameters, CaptureParameters
from stalk_ros.errors import UserError
from stalk_ros.mouth import MouthParameters
from stalk_ros.parameters import NodeParameters, Parameters, bounds, is_ros_parameter, spec_of
from stalk_ros.speakers import SpeakerParameters
from stalk_ros.speech import SpeechParameters
from stalk_ros.topics import TopicParameters

if TYPE_CHECKING:
    from collections.abc import Iterator

NODES: dict[str, type[Parameters]] = {
    "audio_capture": CaptureParameters,
    "asr": SpeechParameters,
    "diarization": SpeakerParameters,
    "topic_recommender": TopicParameters,
    "speak_suggestions": MouthParameters,
    "audio_common_in": AudioCommonInParameters,
    "audio_common_out": Parameters,
    "ros4hri": Parameters,
}
"""Node name to the class that declares its parameters."""

STAGES = ("asr", "diarization", "topic_recommender")
"""The nodes whose parameters change what comes out of a recording."""

_NODE_FIELDS = tuple(item.name for item in dataclasses.fields(NodeParameters))

_EVERY_NODE = "**"


@dataclass(frozen=True)
class Configuration:
    """Parameters of every stage."""

    audio_capture: CaptureParameters = field(default_factory=CaptureParameters)
    asr: SpeechParameters = field(default_factory=SpeechParameters)
    diarization: SpeakerParameters = field(default_factory=SpeakerParameters)
    topic_recommender: TopicParameters = field(default_factory=TopicParameters)
    speak_suggestions: MouthParameters = field(default_factory=MouthParameters)
    audio_common_in: AudioCommonInParameters = field(default_factory=AudioCommonInParameters)
    audio_common_out: Parameters = field(default_factory=Parameters)
    ros4hri: Parameters = field(default_factory=Parameters)


def load(params_file: str | Path | None = None, assignments: tuple[str, ...] = ()) -> Configuration:
    """Read a ROS 2 params file and apply single assignments on top.

    Args:
        params_file: YAML with ``<node>: ros__parameters:`` sections, ``/**`` for all nodes. Other wildcards
            and namespaces are ignored, since one conversation is configured.
        assignments: ``"node.parameter=value"``, the value as YAML.

    Raises:
        UserError: the file cannot be read, or something in it is wrong.
    """
    values: dict[str, dict[str, Any]] = {node: {} for node in NODES}
    if params_file is not None:
        for node, section in _sections(Path(params_file)):
            for target in NODES if node == _EVERY_NODE else (node,):
                values[target].update(section)
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
        for item in (*dataclasses.fields(NodeParameters), *dataclasses.fields(cls)):
            lines += [f"    # {_explained(item)}", f"    {item.name}: {json.dumps(item.default)}"]
    return "\n".join(lines) + "\n"


def _explained(field: dataclasses.Field[Any]) -> str:
    spec = spec_of(field)
    if spec.choices:
        return f"{spec.description}; one of {', '.join(spec.choices)}"
    if spec.minimum is not None or spec.maximum is not None:
        return f"{spec.description}; {bounds(spec)}"
    return spec.description


def _sections(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The nodes in the file with their parameters, in the order of the file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise UserError(f"cannot read params file '{path}': {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"params file '{path}' is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise UserError(f"params file '{path}' must hold '<node>: ros__parameters:' sections")
    for key, content in _nodes(document):
        node = str(key).rpartition("/")[2]
        if node not in (*NODES, _EVERY_NODE):
            raise UserError(f"params file '{path}' names node '{key}'; there are: {', '.join(NODES)}")
        if not isinstance(content, dict) or not isinstance(content.get("ros__parameters"), dict):
            raise UserError(f"params file '{path}': '{key}' needs a 'ros__parameters:' section")
        section = content["ros__parameters"]
        foreign = [name for name in section if name in _NODE_FIELDS or is_ros_parameter(str(name))]
        yield node, {name: value for name, value in section.items() if name not in foreign}


def _nodes(document: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The entries of nodes, also those within namespaces."""
    for key, content in document.items():
        is_namespace = isinstance(content, dict) and all(
            isinstance(inner, dict) and "ros__parameters" in inner for inner in content.values()
        )
        if is_namespace and content:
            yield from content.items()
        else:
            yield key, content


def _assignment(text: str) -> tuple[str, str, Any]:
    target, equals, value = text.partition("=")
    node, dot, name = target.strip().partition(".")
    if not equals or not dot or node not in NODES:
        raise UserError(f"'{text}' is no NODE.PARAMETER=VALUE with a node of {', '.join(NODES)}")
    try:
        return node, name, yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):
        raise UserError(f"the value in '{text}' is not YAML") from None
