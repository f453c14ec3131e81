"""The types of the messages in bags."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    import numpy.typing as npt
    from rosbags.typesys.store import Typestore

PACKAGE = "stalk_ros"


class BagMessages:
    """Makes messages for bags: a `stalk_ros.messages.MessageLibrary`.

    Attributes:
        types: the types of ROS 2 and of this package.

    Raises:
        UserError: rosbags is missing, or the definitions of this package's messages.
    """

    def __init__(self) -> None:
        try:
            from rosbags.typesys import Stores, get_types_from_msg, get_typestore
        except ImportError as error:
            raise UserError("bags need the package 'rosbags': pip install rosbags") from error
        self.types: Typestore = get_typestore(Stores.LATEST)
        for path in sorted(_definitions().glob("*.msg")):
            name = f"{PACKAGE}/msg/{path.stem}"
            self.types.register(get_types_from_msg(path.read_text(encoding="utf-8"), name))

    def make(self, name: str, **fields: Any) -> Any:
        """See `MessageLibrary.make`."""
        return self.types.types[name](**fields)

    def numbers(self, values: npt.NDArray[Any]) -> Any:
        """See `MessageLibrary.numbers`."""
        return values

    def read(self, name: str, data: bytes) -> Any:
        """The message of a type that was serialised.

        Raises:
            ValueError: the data are none.
        """
        from rosbags.serde import SerdeError

        try:
            return self.types.deserialize_cdr(data, name)
        except (AssertionError, LookupError, SerdeError, ValueError, struct.error) as error:
            raise ValueError(f"it is no {name}") from error


def _definitions() -> Path:
    """The folder ``msg`` of the checkout, or the one that was installed with the package."""
    package = Path(__file__).resolve().parents[2]
    for place in (package.parent / "msg", *(up / "share" / PACKAGE / "msg" for up in package.parents)):
        if (place / "AudioChunk.msg").is_file():
            return place
    raise UserError(f"the message definitions of {PACKAGE} are missing: install the package again")
