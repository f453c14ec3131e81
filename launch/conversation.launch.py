"""Follow a conversation: capture, recognition, diarization and the recommender in one namespace.

The nodes configure and activate themselves (their parameter `autostart`), so a respawned one just goes on.
"""

import json
import tempfile
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

NODES = ("audio_capture", "asr", "diarization", "topic_recommender")


def params_file_with(source: str) -> str:
    """Write a parameter file for audio_capture alone, also where the nodes share a process."""
    with tempfile.NamedTemporaryFile("w", prefix="stalk_source_", suffix=".yaml", delete=False) as file:
        json.dump({"/**/audio_capture": {"ros__parameters": {"source": source}}}, file)
    return file.name


def start_nodes(context: LaunchContext) -> list[Node]:
    """Make the processes that the arguments ask for."""
    use_sim_time = ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)
    parameters = [LaunchConfiguration("params_file"), {"use_sim_time": use_sim_time}]
    params_file = Path(LaunchConfiguration("params_file").perform(context))
    if not params_file.is_file():
        # ROS 2 itself would warn and go on with the defaults.
        raise FileNotFoundError(f"there is no params_file '{params_file}'")
    source = LaunchConfiguration("source").perform(context)
    if source:
        parameters.append(params_file_with(source))
    composed = IfCondition(LaunchConfiguration("composed")).evaluate(context)
    return [
        Node(
            package="stalk_ros",
            executable=executable,
            namespace=LaunchConfiguration("namespace"),
            parameters=parameters,
            ros_arguments=["--log-level", LaunchConfiguration("log_level")],
            output="screen",
            respawn=True,
            respawn_delay=2.0,
        )
        for executable in (("conversation",) if composed else NODES)
    ]


def generate_launch_description() -> LaunchDescription:
    """Describe the arguments, then the processes."""
    default_params = PathJoinSubstitution([FindPackageShare("stalk_ros"), "config", "conversation.yaml"])
    arguments = {
        "namespace": ("stalk", "Where the nodes and their topics live"),
        "params_file": (default_params, "Parameters of all nodes"),
        "source": ("", "'microphone' or the path of an audio file; empty: as params_file says"),
        "composed": ("false", "All nodes in one process"),
        "use_sim_time": ("false", "Take the time from /clock"),
    }
    declarations = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, (default, description) in arguments.items()
    ]
    levels = ["debug", "info", "warn", "error", "fatal"]
    declarations.append(
        DeclareLaunchArgument(
            "log_level", default_value="info", description="How much is logged", choices=levels
        )
    )
    return LaunchDescription([*declarations, OpaqueFunction(function=start_nodes)])
