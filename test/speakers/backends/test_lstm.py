from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.speakers.backends.lstm import Lstm

UNITS, INPUTS = 3, 2


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        f"net.{kind}_l{layer}": rng.normal(size=shape).astype(np.float32)
        for layer in range(2)
        for kind, shape in (
            ("weight_ih", (4 * UNITS, UNITS if layer else INPUTS)),
            ("weight_hh", (4 * UNITS, UNITS)),
            ("bias_ih", (4 * UNITS,)),
            ("bias_hh", (4 * UNITS,)),
        )
    }


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def by_the_book(tensors: dict[str, np.ndarray], steps: np.ndarray) -> np.ndarray:
    """The equations of torch.nn.LSTM, one sequence and one unit of time after the other."""
    for layer in range(2):
        outputs, h, c = [], np.zeros(UNITS), np.zeros(UNITS)
        for x in steps:
            gates = tensors[f"net.weight_ih_l{layer}"] @ x + tensors[f"net.bias_ih_l{layer}"]
            gates = gates + tensors[f"net.weight_hh_l{layer}"] @ h + tensors[f"net.bias_hh_l{layer}"]
            i, f, g, o = gates.reshape(4, UNITS)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            outputs.append(h)
        steps = np.array(outputs)
    return steps[-1]


def test_it_follows_the_equations_for_each_sequence_of_a_batch(tensors) -> None:
    sequences = np.random.default_rng(2).normal(size=(4, 7, INPUTS)).astype(np.float32)
    last = Lstm(tensors, "net.", 2).last(sequences)
    assert last.shape == (4, UNITS)
    np.testing.assert_allclose(last, [by_the_book(tensors, one) for one in sequences], atol=1e-6)


def test_large_inputs_saturate_without_a_warning(tensors) -> None:
    with np.errstate(all="raise", under="ignore"):
        last = Lstm(tensors, "net.", 2).last(np.full((1, 5, INPUTS), 1e6, np.float32))
    assert np.abs(last).max() <= 1


def test_a_missing_tensor_is_an_error(tensors) -> None:
    with pytest.raises(KeyError, match="weight_ih_l2"):
        Lstm(tensors, "net.", 3)
