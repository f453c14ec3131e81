"""Audio of the neighbours becomes AudioChunks, over DDS and with messages that are built as theirs."""

from __future__ import annotations

import numpy as np
import pytest

import stalk_ros.msg as msg
from stalk_ros.clock import samples_to_ns
from stalk_ros.ros import conversions, qos

pytestmark = pytest.mark.slow  # the packages are compiled

RATE = 16_000
START_NS = 1_700_000_000 * 10**9
NOISE = np.random.default_rng(1).integers(-32_768, 32_768, 512 * 40).astype(np.int16)
PIECES = NOISE.reshape(40, 512)
PORTAUDIO = {
    1: ("float32_data", lambda piece: (piece / 32_768).tolist()),
    2: ("int32_data", lambda piece: (piece.astype(int) << 16).tolist()),
    8: ("int16_data", lambda piece: piece.tolist()),
}


def header(sample: int, frame_id: str = "theirs") -> dict:
    sec, nanosec = divmod(START_NS + samples_to_ns(sample, RATE), 10**9)
    return {"stamp": {"sec": sec, "nanosec": nanosec}, "frame_id": frame_id}


def fields_of(piece, sample: int, frame_id: str = "theirs", form: int = 8, **info) -> dict:
    """An AudioStamped of mgonzs13's."""
    field, written = PORTAUDIO[form]
    info = {"format": form, "channels": 1, "rate": RATE, "chunk": len(piece), **info}
    audio = {"audio_data": {field: written(piece)}, "info": info}
    return {"header": header(sample, frame_id), "audio": audio}


def data_of(piece, sample: int, frame_id: str = "theirs") -> dict:
    """An AudioDataStamped of ros-drivers'."""
    return {"header": header(sample, frame_id), "audio": {"data": list(piece.astype("<i2").tobytes())}}


def wave_info(**info) -> dict:
    form = {"channels": 1, "sample_rate": RATE, "sample_format": "S16LE", "coding_format": "wave"}
    return {**form, **info}


def warmed_up(graph, chunks, send, frame_id: str = "warm-up") -> None:
    """Send until it arrives, so that nothing that is sent later is missed."""

    def arrived() -> bool:
        send()
        return any(chunk.header.frame_id == frame_id for chunk in list(chunks))

    graph.wait(arrived, "the connection")


def heard_of(chunks, frame_id: str = "theirs") -> list:
    return [chunk for chunk in list(chunks) if chunk.header.frame_id == frame_id and chunk.samples]


def expect_noise(graph, chunks, frame_id: str = "theirs") -> None:
    """All pieces have come to the sample, with exact counts and stamps."""
    graph.wait(lambda: len(heard_of(chunks, frame_id)) == len(PIECES), "all the audio")
    heard = heard_of(chunks, frame_id)
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in heard]), NOISE)
    assert [chunk.first_sample for chunk in heard] == list(range(0, len(NOISE), 512))
    start_ns = conversions.to_ns(heard[0].header.stamp)
    for chunk in heard:
        assert conversions.to_ns(chunk.header.stamp) == start_ns + samples_to_ns(chunk.first_sample, RATE)
    assert {(chunk.sample_rate, chunk.channels) for chunk in heard} == {(RATE, 1)}


@pytest.fixture
def mgonzs13(graph, bridge, peer):
    """Their capture node, which is connected, and the chunks that come of its audio."""
    chunks = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())
    bridge("audio_common_in", "mgonzs13")
    them = peer("mgonzs13")
    them.offer("/audio", "audio_common_msgs/AudioStamped", best_effort=True)
    warmed_up(graph, chunks, lambda: them.publish("/audio", **fields_of(PIECES[0], 0, "warm-up")))
    return them, chunks


@pytest.fixture
def ros_drivers(graph, bridge, peer):
    chunks = graph.collect(msg.AudioChunk, "/stalk/audio", qos.audio())
    process = bridge("audio_common_in", "ros_drivers")
    them = peer("ros_drivers")
    them.offer("/audio_info", "audio_common_msgs/AudioInfo", latched=True)
    return them, chunks, process


@pytest.mark.parametrize("form", PORTAUDIO)
def test_audio_of_mgonzs13_arrives_to_the_sample(graph, mgonzs13, form) -> None:
    them, chunks = mgonzs13
    for number, piece in enumerate(PIECES):
        them.publish("/audio", **fields_of(piece, number * 512, form=form))
    expect_noise(graph, chunks)
    assert conversions.to_ns(heard_of(chunks)[0].header.stamp) == START_NS


def test_a_lost_message_is_a_gap_and_another_format_another_stream(graph, mgonzs13) -> None:
    them, chunks = mgonzs13
    for number in range(100):
        if number != 20:
            them.publish("/audio", **fields_of(PIECES[number % 40], number * 512))
    them.publish("/audio", **fields_of(PIECES[0], 51_200, channels=2))
    graph.wait(lambda: heard_of(chunks)[-1:] and heard_of(chunks)[-1].channels == 2, "the stereo audio")
    *mono, stereo = heard_of(chunks)
    assert mono[-1].first_sample == 99 * 512
    assert conversions.to_ns(mono[-1].header.stamp) == START_NS + samples_to_ns(99 * 512, RATE)
    assert stereo.first_sample == 0


def test_a_restarted_bridge_ends_its_stream_and_begins_another(graph, mgonzs13, restart) -> None:
    them, chunks = mgonzs13
    them.publish("/audio", **fields_of(PIECES[0], 0))
    graph.wait(lambda: heard_of(chunks), "audio")
    restart("audio_common_in")
    graph.wait(lambda: not chunks[-1].samples, "the end of the stream")
    warmed_up(graph, chunks, lambda: them.publish("/audio", **fields_of(PIECES[0], 0, "again")), "again")
    for number, piece in enumerate(PIECES):
        them.publish("/audio", **fields_of(piece, number * 512, "afterwards"))
    expect_noise(graph, chunks, "afterwards")


def test_malformed_messages_are_counted_and_do_no_harm(graph, mgonzs13, diagnostics) -> None:
    them, chunks = mgonzs13
    them.publish("/audio", **fields_of(PIECES[0], 0))
    bad = [
        fields_of(PIECES[0], 512, channels=0),
        fields_of(PIECES[0], 512, channels=-3),
        fields_of(PIECES[0], 512, channels=3),
        fields_of(PIECES[0], 512, rate=0),
        fields_of(PIECES[0], 512, rate=2**31 - 1),
        fields_of(PIECES[0][:0], 512),
        fields_of(PIECES[0] * np.nan, 512, form=1),
        {"header": header(512)},
    ]
    for message in bad:
        them.publish("/audio", **message)
    them.publish("/audio", **fields_of(PIECES[1], 512))
    graph.wait(lambda: len(heard_of(chunks)) == 2, "the audio after it")
    assert [chunk.first_sample for chunk in heard_of(chunks)] == [0, 512]

    def counted() -> bool:
        return any(
            f"{len(bad)} messages were refused" in status.message for status in diagnostics("audio_common_in")
        )

    graph.wait(counted, "the count")


def test_stamped_audio_of_ros_drivers_is_preferred_and_arrives_to_the_sample(graph, ros_drivers) -> None:
    them, chunks, _ = ros_drivers
    them.offer("/audio_stamped", "audio_common_msgs/AudioDataStamped")
    them.offer("/audio", "audio_common_msgs/AudioData")
    them.publish("/audio_info", **wave_info())
    them.connected("/audio")
    warmed_up(graph, chunks, lambda: them.publish("/audio_stamped", **data_of(PIECES[0], 0, "warm-up")))
    for number, piece in enumerate(PIECES):
        message = data_of(piece, number * 512)
        them.publish("/audio", **message["audio"])
        them.publish("/audio_stamped", **message)
    expect_noise(graph, chunks)
    assert conversions.to_ns(heard_of(chunks)[0].header.stamp) == START_NS
    # Nothing of the unstamped ones.
    assert {chunk.header.frame_id for chunk in chunks} == {"warm-up", "theirs"}


def test_unstamped_audio_of_ros_drivers_is_stamped_by_arrival_and_count(graph, ros_drivers) -> None:
    them, chunks, _ = ros_drivers
    them.offer("/audio", "audio_common_msgs/AudioData")
    them.publish("/audio_info", **wave_info(sample_format="S32BE", channels=2))
    message = {"data": list((np.repeat(PIECES[0], 2).astype(">i4") << 16).astype(">i4").tobytes())}

    def arrived() -> bool:
        them.publish("/audio", **message)
        return len(chunks) > 3

    before_ns = graph.probe.get_clock().now().nanoseconds
    graph.wait(arrived, "audio")
    begun = [chunk for chunk in chunks if chunk.samples]
    assert {(chunk.channels, chunk.header.frame_id) for chunk in begun} == {(2, "microphone")}
    # The first of all is as it came, but DDS may not have connected us by then: later ones keep to the clock.
    places = np.linspace(0, 511, len(begun[0].samples) // 2)
    expected = np.interp(places, np.arange(512), PIECES[0])
    np.testing.assert_allclose(begun[0].samples, np.repeat(expected, 2), atol=1)
    stamp_ns = conversions.to_ns(begun[0].header.stamp)
    now_ns = graph.probe.get_clock().now().nanoseconds
    assert before_ns - samples_to_ns(512, RATE) <= stamp_ns <= now_ns - samples_to_ns(512, RATE)


def test_compressed_audio_is_refused_with_what_to_set_until_it_is_raw(
    graph, ros_drivers, diagnostics
) -> None:
    them, chunks, process = ros_drivers
    them.offer("/audio_stamped", "audio_common_msgs/AudioDataStamped")

    def refused() -> bool:
        them.publish("/audio_info", **wave_info(coding_format="flac"))
        them.publish("/audio_stamped", **data_of(PIECES[0], 0))
        found = [status for status in diagnostics("audio_common_in") if status.level == status.ERROR]
        return any("format:=wave" in status.message and "flac" in status.message for status in found)

    graph.wait(refused, "the refusal")
    assert not chunks
    assert process.said().count("format:=wave") == 1
    them.publish("/audio_info", **wave_info())
    warmed_up(graph, chunks, lambda: them.publish("/audio_stamped", **data_of(PIECES[0], 0, "warm-up")))
    seen = len(diagnostics("audio_common_in"))
    graph.wait(lambda: len(diagnostics("audio_common_in")) > seen + 1, "diagnostics")
    assert "flac" not in diagnostics("audio_common_in")[-1].message


@pytest.mark.parametrize("name", ["audio_common_in", "audio_common_out", "ros4hri"])
def test_a_missing_package_is_one_clear_error(graph, bridge, diagnostics, name) -> None:
    process = bridge(name, "")
    package = "hri_msgs" if name == "ros4hri" else "audio_common_msgs"
    graph.wait(lambda: any(package in status.message for status in diagnostics(name)), "the error")
    status = diagnostics(name)[-1]
    assert status.level == status.ERROR
    assert package in status.message
    errors = [line for line in process.said().splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert f"the ROS 2 package '{package}' is missing: sudo apt install" in errors[0]
    assert "Traceback" not in process.said()
    assert process.process.poll() is None
