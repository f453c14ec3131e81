"""Nodes in this process, in a DDS domain of their own, and the interface packages of the neighbours."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 120.0
"""Long enough for a busy machine; only a broken test waits for it."""

ROOT = Path(__file__).parents[2]
INTERFACES = Path(__file__).parent / "interfaces"
PACKAGES = {
    "ros_drivers": "audio_common_msgs",
    "mgonzs13": "audio_common_msgs",
    "hri": "hri_msgs",
    "hri_early": "hri_msgs",
}
CMAKE = """\
cmake_minimum_required(VERSION 3.16)
project({package})
find_package(ament_cmake REQUIRED)
find_package(rosidl_default_generators REQUIRED)
find_package(std_msgs REQUIRED)
file(GLOB interfaces RELATIVE ${{CMAKE_CURRENT_SOURCE_DIR}} msg/*.msg action/*.action)
rosidl_generate_interfaces(${{PROJECT_NAME}} ${{interfaces}} DEPENDENCIES std_msgs)
ament_package()
"""
MANIFEST = """\
<package format="3">
  <name>{package}</name>
  <version>0.0.0</version>
  <description>Interfaces for tests</description>
  <maintainer email="maintainers@stalk-ros.invalid">stalk_ros maintainers</maintainer>
  <license>Apache-2.0</license>
  <buildtool_depend>ament_cmake</buildtool_depend>
  <buildtool_depend>rosidl_default_generators</buildtool_depend>
  <depend>std_msgs</depend>
  <member_of_group>rosidl_interface_packages</member_of_group>
  <export><build_type>ament_cmake</build_type></export>
</package>
"""


class Graph:
    """Spins nodes in a thread, and waits for what they do."""

    def __init__(self) -> None:
        self._executor = SingleThreadedExecutor()
        self._nodes: list[Node] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._spin, name="test executor")
        self._thread.start()
        self.probe = self.add(Node("probe"))

    def add(self, node: Any) -> Any:
        self._nodes.append(node)
        self._executor.add_node(node)
        return node

    def remove(self, node: Any) -> None:
        self._nodes.remove(node)
        self._executor.remove_node(node)
        node.destroy_node()

    def collect(self, message_type: Any, topic: str, qos: Any = 100) -> list[Any]:
        """A list that grows as messages come."""
        messages: list[Any] = []

        def received(message: Any) -> None:
            with self._changed:
                messages.append(message)
                self._changed.notify_all()

        self.probe.create_subscription(message_type, topic, received, qos)
        return messages

    def publisher(self, message_type: Any, topic: str, qos: Any = 100) -> Any:
        return self.probe.create_publisher(message_type, topic, qos)

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until the condition holds; it is looked at whenever a message comes."""
        with self._changed:
            # Some conditions, such as that of discovery, change without a message.
            deadline_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline_s:
                result = condition()
                if result:
                    return result
                self._changed.wait(0.05)
        raise AssertionError(f"{what} did not happen within {PATIENCE_S} s")

    def connected(self, publisher: Any) -> None:
        self.wait(lambda: publisher.get_subscription_count() > 0, f"a subscriber of {publisher.topic_name}")

    def ask(self, service_type: Any, name: str, request: Any) -> Any:
        """A future that has the answer when there is one."""
        client = self.probe.create_client(service_type, name)
        assert client.wait_for_service(PATIENCE_S), f"there is no service {name}"
        future = client.call_async(request)
        future.add_done_callback(lambda _: self._notify())
        return future

    def call(self, service_type: Any, name: str, request: Any) -> Any:
        future = self.ask(service_type, name, request)
        self.wait(future.done, f"an answer of {name}")
        return future.result()

    def close(self) -> None:
        self._executor.shutdown()
        self._thread.join()
        for node in self._nodes:
            if hasattr(node, "stop"):
                node.stop(time.monotonic() + PATIENCE_S)
            node.destroy_node()

    def _spin(self) -> None:
        # A test has a node destroy its subscriptions in another thread, which rclpy does not bear.
        while True:
            with contextlib.suppress(InvalidHandle):
                self._executor.spin()
                return

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()


@pytest.fixture
def graph(domain_id: int) -> Iterator[Graph]:
    rclpy.init(domain_id=domain_id)
    graph = Graph()
    yield graph
    graph.close()
    rclpy.shutdown()


@pytest.fixture(scope="session")
def workspace(domain_id, tmp_path_factory) -> Callable[[str], dict[str, str]]:
    """The environment that has the messages of a folder of ``interfaces``; "" = none of them."""
    built: dict[str, dict[str, str]] = {"": {**os.environ}}

    def environment(variant: str) -> dict[str, str]:
        if variant not in built:
            built[variant] = build(variant, tmp_path_factory.mktemp(variant))
        return built[variant]

    return environment


def build(variant: str, folder: Path) -> dict[str, str]:
    """Build and install a package; returns the environment of a process that has it."""
    package = PACKAGES[variant]
    source, installed = folder / "source", folder / "install"
    shutil.copytree(INTERFACES / variant, source)
    (source / "CMakeLists.txt").write_text(CMAKE.format(package=package), encoding="utf-8")
    (source / "package.xml").write_text(MANIFEST.format(package=package), encoding="utf-8")
    environment = dict(os.environ)
    options = [f"-DPython3_EXECUTABLE={sys.executable}", "-DPYTHON_INSTALL_DIR=python"]
    if not environment.get("ROS_DISTRO"):
        # ROS 2 from wheels, as in scripts/build.
        environment |= {
            "PATH": f"{sys.prefix}/bin:{environment['PATH']}",
            "AMENT_PREFIX_PATH": sys.prefix,
            "CMAKE_PREFIX_PATH": sys.prefix,
        }
        options += ["-GNinja", f"-DCMAKE_PROJECT_{package}_INCLUDE={ROOT / 'cmake' / 'wheels.cmake'}"]
    steps = (
        ["cmake", "-S", source, "-B", folder / "build", f"-DCMAKE_INSTALL_PREFIX={installed}", *options],
        ["cmake", "--build", folder / "build", "--target", "install"],
    )
    for step in steps:
        done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return overlaid(installed)


def overlaid(installed: Path) -> dict[str, str]:
    places = {"PYTHONPATH": "python", "LD_LIBRARY_PATH": "lib", "AMENT_PREFIX_PATH": ""}
    added = {
        name: os.pathsep.join(filter(None, (str(installed / place), os.environ.get(name, ""))))
        for name, place in places.items()
    }
    return {**os.environ, **added}
