"""The mouth: has what is suggested said by a program that speaks."""

from stalk_ros.mouth.command import Call, Command
from stalk_ros.mouth.parameters import MouthParameters
from stalk_ros.mouth.program import run
from stalk_ros.mouth.turns import Turn, Turns

__all__ = ["Call", "Command", "MouthParameters", "Turn", "Turns", "run"]
