"""An example of a robot's own launch file: the conversation wired to the robot's topics.

Copy it and put the names of your robot in. It takes every argument of conversation.launch.py.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution, PythonExpression
from launch_ros.actions import SetRemap
from launch_ros.substitutions import FindPackageShare


def generate_launch_description() -> LaunchDescription:
    """Describe the robot's topics, then include the conversation."""
    # Only where the audio is a topic's: with audio:=microphone this launch file can be tried at a desk.
    driver = PythonExpression(["'/robot/audio' if '", LaunchConfiguration("audio"), "' == 'topic' else ''"])
    arguments = {
        # These are arguments of conversation.launch.py, which takes the values from here.
        "namespace": ("robot/conversation", "Where the nodes and their topics live"),
        "audio": ("topic", "Where the audio comes from, see conversation.launch.py"),
        "topic": (driver, "audio:=topic: topic of the robot's microphone driver (audio_common_msgs)"),
        # These are topics of the robot's speech synthesis.
        "speaking": ("/robot/tts/is_speaking", "Whether the robot is speaking (std_msgs/Bool)"),
        "suggestions": ("/robot/tts/suggestions", "What the robot is to say (stalk_ros/TopicSuggestion)"),
    }
    declarations = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, (default, description) in arguments.items()
    ]
    path = PathJoinSubstitution([FindPackageShare("stalk_ros"), "launch", "conversation.launch.py"])
    # The group keeps the remappings from what else a launch file starts that includes this one.
    conversation = GroupAction(
        [
            SetRemap("/robot_speaking", LaunchConfiguration("speaking")),
            SetRemap("suggestions", LaunchConfiguration("suggestions")),
            IncludeLaunchDescription(PythonLaunchDescriptionSource(path)),
        ]
    )
    return LaunchDescription([*declarations, conversation])
