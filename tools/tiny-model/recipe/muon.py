"""Muon: momentum whose matrix is made nearly orthogonal before each step (Jordan et al., 2024)."""

import torch
from torch import Tensor, nn

# Coefficients of the quintic iteration, tuned for a steep slope at zero.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5
WEIGHT_DECAY = 0.05


class Muon:
    """The optimizer of the hidden matrices."""

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        self._parameters = parameters
        self._momenta = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def step(self, rate: float, momentum: float) -> None:
        """One step along the gradients that the parameters hold."""
        for parameter, average in zip(self._parameters, self._momenta, strict=True):
            average.mul_(momentum).add_(parameter.grad)
            direction = orthogonalized(parameter.grad + momentum * average)
            rows, columns = parameter.shape
            parameter.mul_(1 - rate * WEIGHT_DECAY)
            parameter.add_(direction, alpha=-rate * max(1, rows / columns) ** 0.5)


def orthogonalized(matrix: Tensor) -> Tensor:
    """Nearly the orthogonal matrix closest to `matrix`: its singular values come close to one."""
    a, b, c = NEWTON_SCHULZ
    x = matrix / (matrix.norm() + 1e-7)
    is_tall = x.shape[0] > x.shape[1]
    if is_tall:
        x = x.t()
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.t()
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.t() if is_tall else x
