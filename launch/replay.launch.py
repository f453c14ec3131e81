"""Follow a recorded conversation: the nodes, on the time of a bag, and what plays it.

The bag is played when the nodes are active, by `ros2 bag play` where that is installed and by `stalk replay`
where it is not. Only its audio and /robot_speaking are played: what the nodes made of it when it was
recorded, they make anew. When the bag is over the nodes stay, as they may still be working on it, and another
one can be played to them. Ctrl-C ends them.
"""

from pathlib import Path

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    LogInfo,
    OpaqueFunction,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events.process import ProcessExited
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

CHUNK = "stalk_ros/msg/AudioChunk"
BRIDGED = "audio_common_msgs/msg/"
ENDINGS = ("", "_stamped", "_info")
"""What drivers put beside their topic; audio_common_in listens to all of them."""

ROBOT = "/robot_speaking"
SHARED = ("namespace", "params_file", "composed", "log_level")
"""Arguments of conversation.launch.py that are handed on to it."""

PLAYED = ("bag", "topic", "rate", "start", "loop")


def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Start the nodes, then what plays the bag."""
    value = {name: LaunchConfiguration(name).perform(context) for name in (*SHARED, *PLAYED)}
    bag = Path(value["bag"]).expanduser().absolute()
    if not value["bag"] or not bag.exists():
        raise FileNotFoundError(f"there is no bag '{value['bag']}'")
    value |= {"bag": str(bag), "namespace": value["namespace"].strip("/")}
    if value["loop"].lower() not in ("true", "false"):
        raise ValueError(f"argument 'loop' is true or false, not '{value['loop']}'")
    types = recorded_types(bag) if is_installed("ros2bag") else {}
    topic = audio_topic(types, value["topic"]) if types else ""
    bridged = bool(types) and types[topic] != CHUNK
    if types and not (bridged and is_only_for_us(types, topic, value["start"])):
        command = bag_play(value, types, topic, bridged)
    else:
        bridged, command = False, stalk_replay(value)
    conversation = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(
            PathJoinSubstitution([FindPackageShare("stalk_ros"), "launch", "conversation.launch.py"])
        ),
        launch_arguments={
            **{name: value[name] for name in SHARED},
            "audio": "topic" if bridged else "none",
            "topic": topic if bridged else "",
            "use_sim_time": "true",
        }.items(),
    )
    awaited = [name for name in audio_names(topic) if name in types] if bridged else []
    return [conversation, *played(command, value["namespace"], awaited)]


def played(command: list[str], namespace: str, awaited: list[str]) -> list[LaunchDescriptionEntity]:
    """What plays the bag, once the nodes and those who listen to the awaited topics are ready."""
    ready = Node(package="stalk_ros", executable="ready", namespace=namespace, arguments=awaited)
    player = ExecuteProcess(cmd=command, name="player", output="screen")
    over = LogInfo(msg="The bag is over. Ctrl-C ends the nodes.")

    def play(event: ProcessExited, _: LaunchContext) -> list[LaunchDescriptionEntity]:
        return [] if event.returncode else [player]

    return [
        RegisterEventHandler(OnProcessExit(target_action=ready, on_exit=play)),
        RegisterEventHandler(OnProcessExit(target_action=player, on_exit=[over])),
        ready,
    ]


def is_installed(package: str) -> bool:
    """Whether ROS 2 has the package."""
    try:
        get_package_prefix(package)
    except PackageNotFoundError:
        return False
    return True


def is_only_for_us(types: dict[str, str], topic: str, start: str) -> bool:
    """Whether audio of a driver would not be understood as `ros2 bag play` plays it.

    Its messages have to be installed, and its topics recorded by their names. What tells the format is
    recorded once, at the beginning, so that it is not played to those who begin later.
    """
    named = not topic.endswith(ENDINGS[1])
    told = f"{topic}_info" not in types or float(start) == 0
    return not (named and told and is_installed("audio_common_msgs"))


def recorded_types(bag: Path) -> dict[str, str]:
    """The topics of a bag with their types; none when it has no metadata, as after a crash."""
    try:
        content = yaml.safe_load((bag / "metadata.yaml").read_text(encoding="utf-8"))
        topics = content["rosbag2_bagfile_information"]["topics_with_message_count"]
        found = [entry["topic_metadata"] for entry in topics if entry["message_count"]]
        return {topic["name"]: topic["type"] for topic in found}
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return {}


def audio_topic(types: dict[str, str], wanted: str) -> str:
    """The one topic with audio, or the one that is wanted; drivers put others beside it."""
    names = {name: kind for name, kind in types.items() if kind == CHUNK or kind.startswith(BRIDGED)}
    beside = {name + ending for name in names for ending in ENDINGS[1:]}
    choices = sorted(name for name in names if name not in beside and not names[name].endswith("Info"))
    if not choices:
        raise ValueError("the bag has no topic with audio")
    if wanted and wanted not in choices:
        raise ValueError(f"the bag has no audio on '{wanted}', only on {', '.join(choices)}")
    if not wanted and len(choices) > 1:
        raise ValueError(f"the bag has audio on {', '.join(choices)}: name one by argument 'topic'")
    return wanted or choices[0]


def audio_names(topic: str) -> list[str]:
    """The topics of one driver."""
    return [topic + ending for ending in ENDINGS]


def bag_play(value: dict[str, str], types: dict[str, str], topic: str, bridged: bool) -> list[str]:
    """The command for rosbag2, with options that it has had since Humble."""
    names = [name for name in (*(audio_names(topic) if bridged else [topic]), ROBOT) if name in types]
    command = ["ros2", "bag", "play", value["bag"], "--clock", "40", "--rate", value["rate"]]
    # Subscribers take a moment to find who plays.
    command += ["--delay", "2", "--wait-for-all-acked", "10000", "--disable-keyboard-controls"]
    command += ["--start-offset", value["start"], "--topics", *names]
    command += [] if bridged else ["--remap", f"{topic}:=/{value['namespace']}/audio".replace("//", "/")]
    return command + (["--loop"] if value["loop"].lower() == "true" else [])


def stalk_replay(value: dict[str, str]) -> list[str]:
    """The command for the player of this package."""
    program = Path(get_package_prefix("stalk_ros")) / "lib" / "stalk_ros" / "stalk"
    command = [str(program), "replay", value["bag"], "--clock", "--rate", value["rate"]]
    command += ["--start", value["start"], "--topic", value["topic"], "--namespace", value["namespace"]]
    return command + (["--loop"] if value["loop"].lower() == "true" else [])


def generate_launch_description() -> LaunchDescription:
    """Describe the arguments, then what they start."""
    default_params = PathJoinSubstitution([FindPackageShare("stalk_ros"), "config", "conversation.yaml"])
    levels = ["debug", "info", "warn", "error", "fatal"]
    arguments = (
        ("bag", "", "The bag; without ros2 bag play an audio file will do, too", None),
        ("topic", "", "The audio topic of a bag that has more than one", None),
        ("rate", "1.0", "Speed", None),
        ("start", "0.0", "Where to begin, in seconds from the start", None),
        ("loop", "false", "Begin again at the end", None),
        ("namespace", "stalk", "Where the nodes and their topics live", None),
        ("params_file", default_params, "Parameters of all nodes", None),
        ("composed", "false", "The nodes in one process", None),
        ("log_level", "info", "How much is logged", levels),
    )
    declarations = [
        DeclareLaunchArgument(name, default_value=default, description=description, choices=choices)
        for name, default, description, choices in arguments
    ]
    return LaunchDescription([*declarations, OpaqueFunction(function=start)])
