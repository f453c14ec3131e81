"""The mouth: has what is suggested said by a program that speaks."""

from stalk_ros.mouth.parameters import MouthParameters

__all__ = ["MouthParameters"]
