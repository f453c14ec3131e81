"""Audio of either package called audio_common, as bags hold it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from stalk_ros.clock import samples_to_ns
from stalk_ros.errors import UserError
from stalk_ros.offline.bags import BagRecording

RATE = 16_000
SIZE = 1_600
INFO = "audio_common_msgs/msg/AudioInfo"
STAMPED = "audio_common_msgs/msg/AudioDataStamped"
UNSTAMPED = "audio_common_msgs/msg/AudioData"
FIELDS = "audio_common_msgs/msg/AudioStamped"


class Driver:
    """What the capture nodes publish, to be recorded."""

    def __init__(self, bench) -> None:
        self.bench = bench
        self.start_ns = bench.chunks(1)[0].stamp_ns

    def log_ns(self, sample: int) -> int:
        """Just after the samples up to there were captured."""
        return self.start_ns + samples_to_ns(sample, RATE)

    def info(self, sample: int = 0, topic: str = "/audio_info", **changes):
        fields = {
            "channels": 1,
            "sample_rate": RATE,
            "sample_format": "S16LE",
            "bitrate": 0,
            "coding_format": "wave",
        }
        return self.log_ns(sample), topic, INFO, self.bench.make(INFO, **{**fields, **changes})

    def data(self, chunk):
        return self.bench.make(UNSTAMPED, data=np.frombuffer(chunk.samples.tobytes(), np.uint8))

    def unstamped(self, chunks, topic: str = "/audio"):
        return [
            (self.log_ns(chunk.first_sample + SIZE), topic, UNSTAMPED, self.data(chunk)) for chunk in chunks
        ]

    def stamped(self, chunks, topic: str = "/audio_stamped"):
        return [
            (
                self.log_ns(chunk.first_sample + SIZE),
                topic,
                STAMPED,
                self.bench.make(
                    STAMPED,
                    header=self.bench.header(chunk.first_sample, chunk.frame_id),
                    audio=self.data(chunk),
                ),
            )
            for chunk in chunks
        ]

    def fields(self, chunks, topic: str = "/audio"):
        make = self.bench.make
        messages = []
        for chunk in chunks:
            names = {
                "float32": np.float32,
                "int32": np.int32,
                "int16": np.int16,
                "int8": np.int8,
                "uint8": np.uint8,
            }
            samples = {f"{name}_data": np.zeros(0, kind) for name, kind in names.items()}
            samples["int16_data"] = chunk.samples
            audio = make(
                "audio_common_msgs/msg/Audio",
                audio_data=make("mgonzs13/msg/Samples", **samples),
                info=make("mgonzs13/msg/Format", format=8, channels=1, rate=RATE, chunk=SIZE),
            )
            header = self.bench.header(chunk.first_sample, chunk.frame_id)
            message = make(FIELDS, header=header, audio=audio)
            messages.append((self.log_ns(chunk.first_sample + SIZE), topic, FIELDS, message))
        return messages


@pytest.fixture
def driver(bench) -> Driver:
    return Driver(bench)


def whole(chunks):
    """Chunks with the empty one that ends their stream."""
    last = chunks[-1]
    end = replace(last, samples=last.samples[:0], first_sample=last.first_sample + SIZE)
    return [*chunks, replace(end, stamp_ns=last.stamp_ns + samples_to_ns(SIZE, RATE))]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("kind", ["stamped", "fields"])
def test_stamped_audio_arrives_to_the_sample(driver, read, told, storage, kind) -> None:
    chunks = driver.bench.chunks(20)
    messages = [driver.info(), *getattr(driver, kind)(chunks)]
    items, recording = read(driver.bench.bag(messages, storage=storage))
    assert items == told(whole(chunks))
    assert recording.problem == ""


def test_definitions_that_are_not_recorded_are_not_missed(driver, read, told) -> None:
    """Bags of ROS 2 Humble in SQLite hold none."""
    chunks = driver.bench.chunks(5)
    bag = driver.bench.bag([driver.info(), *driver.stamped(chunks)], storage="sqlite3")
    with closing(sqlite3.connect(driver.bench.file(bag))) as database:
        for table in ("message_definitions", "metadata", "schema"):
            database.execute(f"DROP TABLE {table}")
        database.commit()
    assert read(bag)[0] == told(whole(chunks))


def test_unstamped_audio_was_captured_until_it_was_recorded(driver, read, told) -> None:
    chunks = driver.bench.chunks(5, frame_id="microphone")
    assert read(driver.bench.bag([driver.info(), *driver.unstamped(chunks)]))[0] == told(whole(chunks))


def test_the_same_microphone_with_and_without_stamps_is_one(driver, read, told) -> None:
    chunks = driver.bench.chunks(5)
    messages = [driver.info(0, "/head/audio_info")]
    messages += driver.unstamped(chunks, "/head/audio") + driver.stamped(chunks, "/head/audio_stamped")
    bag = driver.bench.bag(messages)
    assert read(bag)[0] == told(whole(chunks))
    assert read(bag, "/head/audio")[0][0][-1] == "microphone"


def test_the_format_may_be_recorded_after_audio(driver, read, told) -> None:
    chunks = driver.bench.chunks(5)
    messages = [*driver.stamped(chunks), driver.info(2 * SIZE)]
    assert read(driver.bench.bag(messages))[0] == told(whole(chunks))


def test_the_format_may_change(driver, read) -> None:
    chunks = driver.bench.chunks(4)
    messages = driver.stamped(chunks)
    messages[2:2] = [driver.info(2 * SIZE, sample_rate=8_000)]
    items, _ = read(driver.bench.bag([driver.info(), *messages]))
    assert [item[1] for item in items] == [RATE] * 3 + [8_000] * 3
    assert [bool(item[0]) for item in items] == [True, True, False] * 2


def test_a_lost_message_is_a_gap(driver, read) -> None:
    chunks = driver.bench.chunks(40)
    items, _ = read(driver.bench.bag(driver.fields([*chunks[:10], *chunks[11:]])))
    assert sum(len(item[0]) for item in items) // 2 < 39.5 * SIZE
    assert items[-1][3] == 40 * SIZE


def test_audio_of_a_coding_that_is_not_read_is_an_error(driver) -> None:
    bag = driver.bench.bag([driver.info(coding_format="opus"), *driver.stamped(driver.bench.chunks(2))])
    with pytest.raises(UserError, match=r"bag '.*', topic '/audio_stamped': .*'opus'.*format:=wave"):
        BagRecording(bag)


def test_the_format_is_told_beside_the_audio(driver) -> None:
    chunks = driver.bench.chunks(2)
    infos = [driver.info(0, "/left/info"), driver.info(0, "/right/info", sample_rate=8_000)]
    bag = driver.bench.bag([*infos, *driver.unstamped(chunks, "/right/audio")], "two")
    assert next(iter(BagRecording(bag).items())).sample_rate_hz == 8_000
    bag = driver.bench.bag([*infos, *driver.unstamped(chunks, "/audio")], "neither")
    with pytest.raises(
        UserError, match=r"the format of the audio on '/audio': /left/info, /right/info may all"
    ):
        BagRecording(bag)
    bag = driver.bench.bag(driver.unstamped(chunks), "none")
    with pytest.raises(UserError, match="record '/audio_info' as well"):
        BagRecording(bag)


def test_the_message_of_mgonzs13_with_the_name_of_the_other_is_no_audio(bench) -> None:
    definition = "float32[] float32_data\nint16[] int16_data"
    bag = bench.bag(bench.recorded(bench.chunks(1)), storage="sqlite3")
    with closing(sqlite3.connect(bench.file(bag))) as database:
        database.execute("UPDATE topics SET type = ?", (UNSTAMPED,))
        database.execute(
            "UPDATE message_definitions SET topic_type = ?, encoded_message_definition = ?",
            (UNSTAMPED, definition),
        )
        database.commit()
    with pytest.raises(UserError, match="holds no audio"):
        BagRecording(bag)


@pytest.mark.parametrize("told", [True, False])
def test_mp3_is_heard_when_it_was_said(driver, read, mp3_frames, told) -> None:
    """The frames tell their format, so that it need not be recorded."""
    sound = np.zeros(5 * RATE)
    sound[3 * RATE] = 0.9
    messages = [driver.info(coding_format="mp3")] if told else []
    for number, frame in enumerate(mp3_frames(sound, RATE)):
        at = number * 576
        data = driver.bench.make(UNSTAMPED, data=np.frombuffer(frame, np.uint8))
        message = driver.bench.make(STAMPED, header=driver.bench.header(at), audio=data)
        messages.append((driver.log_ns(at + 2_000), "/audio_stamped", STAMPED, message))
    items, recording = read(driver.bench.bag(messages))
    assert recording.problem == ""
    samples = np.concatenate([np.frombuffer(item[0], np.int16) for item in items])
    click_ns = items[0][4] + samples_to_ns(int(np.abs(samples.astype(int)).argmax()), RATE)
    assert abs(click_ns - driver.log_ns(3 * RATE)) < 1_000_000
