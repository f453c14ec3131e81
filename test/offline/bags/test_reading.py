from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from stalk_ros.errors import UserError
from stalk_ros.offline.bags import BagRecording, is_bag
from stalk_ros.offline.recording import RobotSpeech
from stalk_ros.offline.sources import open_recording

CHUNK = "stalk_ros/msg/AudioChunk"
GARBAGE = {
    "empty": b"",
    "short": b"\0\1",
    "large numbers": b"\0\1\0\0" + b"\xff" * 90,
    "all bytes": bytes(range(256)),
    "no Zstandard": b"\x28\xb5\x2f\xfd" + b"\xff" * 50,
}


def ended(chunk):
    """The empty chunk after one."""
    length_ns = len(chunk.samples) // chunk.channels * 62_500
    first = chunk.first_sample + len(chunk.samples) // chunk.channels
    return replace(chunk, samples=chunk.samples[:0], first_sample=first, stamp_ns=chunk.stamp_ns + length_ns)


def test_bags_are_known_by_their_names(tmp_path) -> None:
    for name in ("a.mcap", "a.db3", "a.db3.zstd", "a.mcap.zstd", "metadata.yaml"):
        assert is_bag(tmp_path / name)
    assert is_bag(tmp_path)
    assert not is_bag(tmp_path / "a.wav")


@pytest.mark.parametrize("version", [8, 9])  # of ROS 2 Jazzy and of what comes after it
@pytest.mark.parametrize("compression", ["none", "file", "message", "storage"])
@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_every_kind_of_bag_gives_the_same(bench, read, told, storage, compression, version) -> None:
    if (storage, compression) == ("sqlite3", "storage"):
        pytest.skip("SQLite does not compress")
    chunks = bench.chunks(20)
    messages = [*bench.recorded(chunks), bench.speaking(4_000, True), bench.speaking(8_000, False)]
    bag = bench.bag(messages, "a talk", storage, version, compression)
    items, recording = read(bag)
    # A message is recorded after its chunk begins: the robot's at 4000 comes after the chunk from 3200 on.
    expected = [
        *chunks[:3],
        RobotSpeech(True),
        *chunks[3:6],
        RobotSpeech(False),
        *chunks[6:],
        ended(chunks[-1]),
    ]
    assert items == told(expected)
    assert (recording.name, recording.problem) == ("a talk", "")
    assert recording.duration_s == pytest.approx(1.9)
    for path in (bag / "metadata.yaml", bench.file(bag)):
        assert read(path)[0] == items
    assert open_recording(bag).duration_s == recording.duration_s


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_a_recording_can_be_read_again(bench, told, storage) -> None:
    recording = BagRecording(bench.bag(bench.recorded(bench.chunks(5)), storage=storage))
    assert told(recording.items()) == told(recording.items())


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_messages_come_in_the_order_in_which_they_were_recorded(bench, read, told, storage) -> None:
    """However they are stored: here a topic after the other, and one of them shuffled."""
    chunks = bench.chunks(60, size=16_000)  # of more than one part of a file
    messages = bench.recorded(chunks)
    random.Random(3).shuffle(messages)
    messages += [bench.speaking(160_000, True), bench.speaking(320_001, False)]
    items, _ = read(bench.bag(messages, storage=storage))
    expected = [*chunks[:11], RobotSpeech(True), *chunks[11:21], RobotSpeech(False), *chunks[21:]]
    assert items == told([*expected, ended(chunks[-1])])


def test_audio_of_the_same_time_comes_before_the_robot(bench, read, told) -> None:
    chunks = bench.chunks(3)
    items, _ = read(bench.bag([bench.speaking(1_600, True), *bench.recorded(chunks)]))
    assert items == told([*chunks[:2], RobotSpeech(True), chunks[2], ended(chunks[2])])


def test_only_the_usual_topic_tells_that_the_robot_speaks_where_there_is_one(bench, read, told) -> None:
    chunks = bench.chunks(2)
    other = bench.speaking(10, True, "/pepper/robot_speaking")
    unrelated = bench.speaking(10, True, "/lights")
    items, _ = read(bench.bag([*bench.recorded(chunks), other, unrelated], "remapped"))
    assert RobotSpeech(True) in items
    usual = bench.speaking(20, False)
    items, _ = read(bench.bag([*bench.recorded(chunks), other, usual], "both"))
    assert RobotSpeech(False) in items
    assert RobotSpeech(True) not in items


def test_each_stream_ends_with_an_empty_chunk_and_gaps_stay_gaps(bench, read, told) -> None:
    begun = bench.chunks(3, 160_000)
    gap = bench.chunks(2, 170_000)
    silent_end = ended(gap[-1])
    restarted = bench.chunks(2, 0)
    restarted = [replace(chunk, stamp_ns=chunk.stamp_ns + 20 * 10**9) for chunk in restarted]
    moved = [replace(chunk, frame_id="other") for chunk in bench.chunks(1, 400_000)]
    jumped = [
        replace(chunk, frame_id="other", stamp_ns=chunk.stamp_ns + 10**10)
        for chunk in bench.chunks(1, 401_600)
    ]
    told_end = [*begun, *gap, silent_end, silent_end, *restarted, *moved, *jumped]
    items, recording = read(bench.bag(bench.recorded(told_end)))
    expected = [*begun, *gap, silent_end, *restarted, ended(restarted[-1]), *moved, ended(moved[0])]
    assert items == told([*expected, *jumped, ended(jumped[0])])
    assert recording.problem == ""


def test_a_chunk_that_came_twice_or_is_malformed_is_left_out_and_counted(bench, read, told) -> None:
    chunks = bench.chunks(4)
    bad = replace(chunks[3], channels=7)
    messages = bench.recorded([*chunks[:3], chunks[2], bad, chunks[3]])
    items, recording = read(bench.bag(messages))
    assert items == told([*chunks, ended(chunks[-1])])
    assert recording.problem == (
        "2 messages could not be read, the first on '/stalk/audio' at 0.2 s: sample 3200 came already"
    )


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_in_a_message_is_left_out_and_counted(bench, read, told, storage, garbage) -> None:
    chunks = bench.chunks(4)
    messages = bench.recorded(chunks)
    messages[1] = (*messages[1][:3], garbage)
    messages.insert(3, (*bench.speaking(5_000, True)[:3], b"\0\1\0\0"))
    items, recording = read(bench.bag(messages, storage=storage))
    assert items == told([chunks[0], *chunks[2:], ended(chunks[-1])])
    assert "2 messages could not be read, the first on '/stalk/audio' at 0.1 s" in recording.problem


def test_a_sequence_that_claims_two_gigabytes_is_garbage(bench, read) -> None:
    messages = bench.recorded(bench.chunks(3))
    data = bytearray(bench.serialized(messages[2][3], CHUNK))
    at = data.index((1_600).to_bytes(4, "little"))
    data[at : at + 4] = (2**31 - 1).to_bytes(4, "little")
    messages[2] = (*messages[2][:3], bytes(data))
    items, recording = read(bench.bag(messages))
    assert len(items) == 3
    assert "1 message could not be read" in recording.problem


def test_nothing_but_garbage_is_an_error(bench) -> None:
    messages = [(*message[:3], b"nothing") for message in bench.recorded(bench.chunks(3))]
    recording = BagRecording(bench.bag(messages))
    with pytest.raises(UserError, match=r"no audio can be read in bag '.*': 3 messages could not be read"):
        list(recording.items())


def test_a_topic_of_another_serialisation_holds_no_audio(bench) -> None:
    bag = bench.bag(bench.recorded(bench.chunks(3)), storage="sqlite3")
    file = bench.file(bag)
    file.write_bytes(file.read_bytes().replace(b"AudioChunkcdr", b"AudioChunkxml"))
    with pytest.raises(UserError, match=r"holds no audio.*AudioChunk in 'xml'"):
        BagRecording(bag)


def test_bags_need_a_package(bench, uninstall) -> None:
    bag = bench.bag(bench.recorded(bench.chunks(1)))
    uninstall("rosbags", "rosbags.typesys")
    with pytest.raises(UserError, match="pip install rosbags"):
        BagRecording(bag)


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", ["none", "file", "message"])
def test_no_damage_gives_anything_but_audio_or_one_clear_error(bench, storage, compression) -> None:
    bag = bench.bag(
        [*bench.recorded(bench.chunks(8)), bench.speaking(5, True)], "bag", storage, 9, compression
    )
    chance = random.Random(5)
    for path in (bench.file(bag), bag / "metadata.yaml"):
        whole = path.read_bytes()
        for _ in range(40):
            path.write_bytes(damaged(whole, chance))
            try:
                recording = BagRecording(bag)
                for item in recording.items():
                    assert isinstance(item, RobotSpeech) or item.samples.dtype == np.int16
                assert "\n" not in recording.problem
            except UserError as error:
                assert "\n" not in str(error)
        path.write_bytes(whole)


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Cut off, or with other bytes in a place."""
    at = chance.randrange(len(whole))
    patch = chance.choice([b"\xff" * 8, b"\0" * 200, b"\xff\xff\xff\x7f", chance.randbytes(30), None])
    return whole[:at] if patch is None else whole[:at] + patch + whole[at + len(patch) :]


def test_a_bag_and_an_audio_file_give_the_same_events(bench, stalk, sample_audio) -> None:
    wav = bench.folder / "talk.wav"
    soundfile.write(wav, sample_audio[: 8 * 16_000], 16_000, subtype="PCM_16")
    recording = open_recording(wav)
    bag = bench.bag(bench.recorded(list(recording.items())), storage="sqlite3", compression="message")
    for path in (wav, bag):
        code, out, _ = stalk("run", path, "--events", path.with_suffix(".jsonl"))
        assert code == 0
        assert out
    assert bag.with_suffix(".jsonl").read_bytes() == wav.with_suffix(".jsonl").read_bytes()


def test_what_is_missing_is_told_on_one_line(bench, stalk, mistake) -> None:
    bag = bench.bag(bench.recorded(bench.chunks(5)))
    (bag / "metadata.yaml").unlink()
    code, _, err = stalk("run", bag)
    assert code == 0
    assert "stalk: 'metadata.yaml' is missing" in err
    bench.file(bag).unlink()
    assert "is no bag" in mistake("run", bag)
