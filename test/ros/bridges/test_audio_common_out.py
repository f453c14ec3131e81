from __future__ import annotations

import array

import numpy as np
import pytest

import stalk_ros.msg as msg
from stalk_ros.ros import conversions, qos

pytestmark = pytest.mark.slow  # the packages are compiled

START_NS = 1_700_000_000 * 10**9


def chunk(samples, rate: int = 16_000, channels: int = 1, first: int = 0) -> msg.AudioChunk:
    return msg.AudioChunk(
        header=conversions.header(START_NS + first, "mic"),
        first_sample=first,
        sample_rate=rate,
        channels=channels,
        samples=array.array("h", np.asarray(samples, np.int16).tobytes()),
    )


def test_audio_goes_out_as_raw_bytes_with_its_stamp_and_its_format(graph, bridge, peer, diagnostics) -> None:
    bridge("audio_common_out", "ros_drivers")
    them = peer("ros_drivers")
    stamped = them.listen("/audio_stamped", "audio_common_msgs/AudioDataStamped")
    unstamped = them.listen("/audio", "audio_common_msgs/AudioData")
    audio = graph.publisher(msg.AudioChunk, "/stalk/audio", qos.audio())
    graph.connected(audio)

    def arrived() -> bool:
        audio.publish(chunk([7, 7]))
        return bool(stamped and unstamped)

    graph.wait(arrived, "the connection")
    noise = np.random.default_rng(1).integers(-32_768, 32_768, 960).astype(np.int16)
    audio.publish(chunk(noise[:1], channels=2))
    audio.publish(chunk([], 48_000, 2))
    audio.publish(chunk(noise, 48_000, 2, first=123_456_789))
    data = list(noise.astype("<i2").tobytes())
    graph.wait(lambda: stamped[-1]["audio"]["data"] == unstamped[-1]["data"] == data, "the audio")
    assert stamped[-1]["header"] == {
        "stamp": {"sec": 1_700_000_000, "nanosec": 123_456_789},
        "frame_id": "mic",
    }
    # Latched: who comes later knows too.
    infos = peer("ros_drivers").listen("/audio_info", "audio_common_msgs/AudioInfo", latched=True)
    graph.wait(lambda: infos, "the format")
    assert infos[-1] == {
        "channels": 2,
        "sample_rate": 48_000,
        "sample_format": "S16LE",
        "bitrate": 48_000 * 2 * 16,
        "coding_format": "wave",
    }
    assert sum(message["data"] in ([], data[:2]) for message in unstamped) == 0


def test_a_restarted_bridge_tells_the_format_again(graph, bridge, peer, restart) -> None:
    bridge("audio_common_out", "ros_drivers")
    them = peer("ros_drivers")
    infos = them.listen("/audio_info", "audio_common_msgs/AudioInfo", latched=True)
    audio = graph.publisher(msg.AudioChunk, "/stalk/audio", qos.audio())

    def told(times: int) -> bool:
        audio.publish(chunk([7, 7]))
        return len(infos) >= times

    graph.wait(lambda: told(1), "the format")
    restart("audio_common_out")
    graph.wait(lambda: told(2), "the format again")
    assert len(infos) == 2


def test_audio_does_not_go_out_as_that_of_mgonzs13(graph, bridge, diagnostics) -> None:
    process = bridge("audio_common_out", "mgonzs13")
    graph.wait(lambda: diagnostics("audio_common_out"), "diagnostics")
    assert "audio goes out only as that of ros-drivers" in diagnostics("audio_common_out")[-1].message
    assert "Traceback" not in process.said()
