"""A stack of LSTM layers (Hochreiter and Schmidhuber 1997) in NumPy, as torch computes it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Tensor = npt.NDArray[np.float32]


class Lstm:
    """Layers from the tensors of a torch.nn.LSTM, whose names are ``<prefix>weight_ih_l0`` and so on.

    Raises:
        KeyError: a tensor is missing.
    """

    def __init__(self, tensors: dict[str, Tensor], prefix: str, layers: int) -> None:
        self._layers = [
            (
                np.ascontiguousarray(tensors[f"{prefix}weight_ih_l{layer}"].T),
                np.ascontiguousarray(tensors[f"{prefix}weight_hh_l{layer}"].T),
                tensors[f"{prefix}bias_ih_l{layer}"] + tensors[f"{prefix}bias_hh_l{layer}"],
            )
            for layer in range(layers)
        ]

    def last(self, sequences: Tensor) -> Tensor:
        """What the last layer says after the last step.

        Args:
            sequences: [N, steps, inputs].

        Returns:
            [N, units].
        """
        steps = np.ascontiguousarray(sequences.transpose(1, 0, 2))
        for input_weights, state_weights, bias in self._layers:
            steps = _run(steps @ input_weights + bias, state_weights)
        last: Tensor = steps[-1]
        return last


def _run(inputs: Tensor, state_weights: Tensor) -> Tensor:
    """One layer: weighted inputs [steps, N, 4 * units] to the outputs of each step [steps, N, units]."""
    count, units = inputs.shape[1], state_weights.shape[0]
    output = np.zeros((count, units), np.float32)
    cell = np.zeros((count, units), np.float32)
    outputs = np.empty((len(inputs), count, units), np.float32)
    for step, weighted in enumerate(inputs):
        gates = weighted + output @ state_weights
        # torch's order is input, forget, cell, output. 1 / (1 + e^-x) as a tanh cannot overflow.
        candidate = np.tanh(gates[:, 2 * units : 3 * units])
        opened = 0.5 * np.tanh(0.5 * gates) + 0.5
        cell = opened[:, units : 2 * units] * cell + opened[:, :units] * candidate
        output = opened[:, 3 * units :] * np.tanh(cell)
        outputs[step] = output
    return outputs
