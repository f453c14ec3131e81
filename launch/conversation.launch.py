"""Follow a conversation: capture, recognition, diarization and the recommender in one namespace.

The nodes configure and activate themselves (their parameter `autostart`), so a respawned one just goes on.
"""

import json
import os
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import Parameter
from launch_ros.substitutions import FindPackageShare

STAGES = ("asr", "diarization", "topic_recommender")
DETAILS = {"microphone": "device", "file": "file", "topic": "topic"}
"""What each kind of audio is told by."""


def start_nodes(context: LaunchContext) -> list[Node]:
    """Make the processes that the arguments ask for."""
    audio, detail = chosen_audio(context)
    params_file = Path(LaunchConfiguration("params_file").perform(context))
    if not params_file.is_file():
        # ROS 2 itself would warn and go on with the defaults.
        raise FileNotFoundError(f"there is no params_file '{params_file}'")
    parameters = [params_file, Parameter("use_sim_time", is_on(context, "use_sim_time"))]
    if audio in ("microphone", "file"):
        parameters.append(capture_params_file(audio, detail))

    def node(executable: str, *arguments: str, remappings: tuple[tuple[str, str], ...] = ()) -> Node:
        return Node(
            package="stalk_ros",
            executable=executable,
            arguments=list(arguments),
            namespace=LaunchConfiguration("namespace"),
            parameters=parameters,
            remappings=remappings,
            ros_arguments=["--log-level", LaunchConfiguration("log_level")],
            output="screen",
            respawn=True,
            respawn_delay=2.0,
        )

    names = STAGES if audio in ("topic", "none") else ("audio_capture", *STAGES)
    if is_on(context, "composed"):
        nodes = [node("conversation", "--unsupervised", *names)]
    else:
        nodes = [node(name) for name in names]
    if audio == "topic":
        nodes.append(node("audio_common_in", remappings=bridged(detail)))
    if is_on(context, "speak"):
        nodes.append(node("speak_suggestions"))
    if is_on(context, "hri"):
        nodes.append(node("ros4hri"))
    return nodes


def chosen_audio(context: LaunchContext) -> tuple[str, str]:
    """The kind of audio and its detail, which fit each other."""
    audio = LaunchConfiguration("audio").perform(context)
    details = {kind: LaunchConfiguration(name).perform(context) for kind, name in DETAILS.items()}
    for kind, detail in details.items():
        if detail and kind != audio:
            raise ValueError(f"argument '{DETAILS[kind]}' needs audio:={kind}")
    if audio != "file":
        return audio, details.get(audio, "")
    file = Path(details["file"]).expanduser().absolute()
    if not details["file"]:
        raise ValueError("audio:=file needs argument 'file', the path of an audio file")
    if not file.is_file():
        raise FileNotFoundError(f"there is no file '{file}'")
    return audio, str(file)


def capture_params_file(audio: str, detail: str) -> Path:
    """Make a params file for audio_capture alone; nodes that share a process also share other arguments.

    It is in memory and ends with this process, so that none is left behind.
    """
    values = {"source": detail} if audio == "file" else {"source": audio}
    if audio == "microphone" and detail:
        values["device"] = detail
    descriptor = os.memfd_create("audio_capture.yaml")
    # JSON is YAML, and quotes keep a strange file name whole.
    content = json.dumps({"/**/audio_capture": {"ros__parameters": values}}, ensure_ascii=False)
    os.write(descriptor, content.encode())
    return Path(f"/proc/{os.getpid()}/fd/{descriptor}")


def bridged(topic: str) -> tuple[tuple[str, str], ...]:
    """Remappings of what audio_common_in listens to; drivers put the two others beside the first."""
    endings = ("", "_stamped", "_info") if topic else ()
    return tuple((f"/audio{ending}", f"{topic}{ending}") for ending in endings)


def is_on(context: LaunchContext, name: str) -> bool:
    """Whether an argument is true."""
    value = LaunchConfiguration(name).perform(context)
    if value.lower() not in ("true", "false"):
        raise ValueError(f"argument '{name}' is true or false, not '{value}'")
    return value.lower() == "true"


def generate_launch_description() -> LaunchDescription:
    """Describe the arguments, then the processes."""
    default_params = PathJoinSubstitution([FindPackageShare("stalk_ros"), "config", "conversation.yaml"])
    levels = ["debug", "info", "warn", "error", "fatal"]
    arguments = (
        ("namespace", "stalk", "Where the nodes and their topics live", None),
        (
            "audio",
            "",
            "Where the audio comes from; empty: as params_file says, none: from outside",
            ["", *DETAILS, "none"],
        ),
        ("device", "", "audio:=microphone: number, name or part of a name; empty: the default one", None),
        ("file", "", "audio:=file: path of the audio file to play", None),
        ("topic", "", "audio:=topic: topic of audio_common_msgs; empty: /audio", None),
        ("speak", "false", "Say what is suggested by a program that speaks (speak_suggestions)", None),
        ("hri", "false", "Publish the voices as ROS4HRI has them (ros4hri)", None),
        ("params_file", default_params, "Parameters of all nodes", None),
        ("composed", "false", "The four nodes in one process", None),
        ("use_sim_time", "false", "Take the time from /clock", None),
        ("log_level", "info", "How much is logged", levels),
    )
    declarations = [
        DeclareLaunchArgument(name, default_value=default, description=description, choices=choices)
        for name, default, description, choices in arguments
    ]
    return LaunchDescription([*declarations, OpaqueFunction(function=start_nodes)])
