"""A neighbour: publishes and hears messages of any package, as the lines on its standard input tell it.

Each line is a JSON object, and so is each answer:

- ``{"listen": topic, "type": "package/Name", "latched": bool}``: messages come as ``{"topic", "message"}``;
- ``{"offer": topic, "type": "package/Name", "latched": bool, "best_effort": bool}``;
- ``{"publish": topic, "message": {...}}`` with the fields that differ from their defaults;
- ``{"matched": topic}`` answers ``{"matched": how many subscribers the publisher has}``.
"""

from __future__ import annotations

import importlib
import json
import sys
import threading
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy


def type_of(name: str) -> Any:
    package, _, message = name.partition("/")
    return getattr(importlib.import_module(f"{package}.msg"), message)


def profile(command: dict[str, Any]) -> QoSProfile:
    best_effort, latched = command.get("best_effort"), command.get("latched")
    return QoSProfile(
        depth=1000,
        reliability=ReliabilityPolicy.BEST_EFFORT if best_effort else ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def fill(message: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        if isinstance(value, dict):
            fill(getattr(message, name), value)
        else:
            setattr(message, name, value)
    return message


def plain(value: Any) -> Any:
    if hasattr(value, "get_fields_and_field_types"):
        return {name: plain(getattr(value, name)) for name in value.get_fields_and_field_types()}
    return value if isinstance(value, (bool, int, float, str)) else [plain(item) for item in value]


def tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def obey(node: Node, publishers: dict[str, Any], command: dict[str, Any]) -> None:
    if topic := command.get("listen"):
        node.create_subscription(
            type_of(command["type"]),
            topic,
            lambda message: tell({"topic": topic, "message": plain(message)}),
            profile(command),
        )
    elif topic := command.get("offer"):
        publishers[topic] = node.create_publisher(type_of(command["type"]), topic, profile(command))
    elif topic := command.get("publish"):
        publisher = publishers[topic]
        publisher.publish(fill(publisher.msg_type(), command["message"]))
    else:
        tell({"matched": publishers[command["matched"]].get_subscription_count()})


def main() -> None:
    rclpy.init()
    node = Node("peer")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    thread = threading.Thread(target=executor.spin)
    thread.start()
    publishers: dict[str, Any] = {}
    for line in sys.stdin:
        obey(node, publishers, json.loads(line))
    executor.shutdown()
    thread.join()
    node.destroy_node()
    rclpy.shutdown()


if __name__ == "__main__":
    main()
