"""The model: a small Llama (RMSNorm, rotary positions, grouped-query attention, SwiGLU, untied output).

Its parameters bear the names that their tensors have in a GGUF file.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

NORM_EPSILON = 1e-5
ROPE_BASE = 10_000.0
MASKED = -1e9


@dataclass(frozen=True)
class Shape:
    """The sizes of a model; the defaults are those of the shipped one."""

    vocabulary: int = 3072
    width: int = 192
    layers: int = 7
    heads: int = 6
    kv_heads: int = 3
    ffn_width: int = 512
    context: int = 1024

    @property
    def head_width(self) -> int:
        """Components of one attention head."""
        return self.width // self.heads


class RmsNorm(nn.Module):
    """Scales a vector to root mean square one, then each component by a learned weight."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON) * self.weight


class Rotation(nn.Module):
    """Rotary positions: turns neighbouring components (2i, 2i+1), as llama.cpp does for `llama`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        exponents = torch.arange(0, shape.head_width, 2).float() / shape.head_width
        angles = torch.outer(torch.arange(shape.context).float(), 1.0 / (ROPE_BASE**exponents))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """`x` is (batch, head, position, component)."""
        cos, sin = self.cos[: x.shape[2]], self.sin[: x.shape[2]]
        even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    """One layer: attention and a gated feed-forward network, each added to its input."""

    def __init__(self, shape: Shape, rotation: Rotation) -> None:
        super().__init__()
        self.shape = shape
        # In a tuple, so that the one rotation is not a module of each layer.
        self._rotation = (rotation,)
        kv_width = shape.kv_heads * shape.head_width
        self.attn_norm = RmsNorm(shape.width)
        self.attn_q = _linear(shape.width, shape.width)
        self.attn_k = _linear(shape.width, kv_width)
        self.attn_v = _linear(shape.width, kv_width)
        self.attn_output = _linear(shape.width, shape.width, starts_at_zero=True)
        self.ffn_norm = RmsNorm(shape.width)
        self.ffn_gate = _linear(shape.width, shape.ffn_width)
        self.ffn_up = _linear(shape.width, shape.ffn_width)
        self.ffn_down = _linear(shape.ffn_width, shape.width, starts_at_zero=True)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = x + self.attn_output(self._attention(self.attn_norm(x), mask))
        h = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h))

    def _attention(self, h: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = h.shape
        heads, kv_heads, head_width = self.shape.heads, self.shape.kv_heads, self.shape.head_width
        group = heads // kv_heads
        rotate = self._rotation[0]
        q = rotate(self.attn_q(h).view(batch, length, heads, head_width).transpose(1, 2))
        k = rotate(self.attn_k(h).view(batch, length, kv_heads, head_width).transpose(1, 2))
        v = self.attn_v(h).view(batch, length, kv_heads, head_width).transpose(1, 2)
        # Query head i reads key-value head i // group: the heads of a group are rows of one product.
        q = (q * head_width**-0.5).reshape(batch, kv_heads, group * length, head_width)
        scores = (q @ k.transpose(-1, -2)).view(batch, kv_heads, group, length, length) + mask
        weights = torch.softmax(scores, -1).view(batch, kv_heads, group * length, length)
        return (weights @ v).view(batch, heads, length, head_width).transpose(1, 2).reshape(batch, length, width)


class TinyModel(nn.Module):
    """Token ids (batch, position) in, logits of the next token out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        nn.init.normal_(self.token_embd.weight, std=1.0)
        rotation = Rotation(shape)
        self.blk = nn.ModuleList(Block(shape, rotation) for _ in range(shape.layers))
        self.output_norm = RmsNorm(shape.width)
        self.output = _linear(shape.width, shape.vocabulary, starts_at_zero=True)

    def hidden(self, ids: Tensor) -> Tensor:
        """The vectors before the output matrix, so that logits are computed only where they are needed."""
        length = ids.shape[1]
        mask = torch.full((length, length), MASKED).triu(1)
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, mask)
        return self.output_norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        return self.output(self.hidden(ids))


def _linear(inputs: int, outputs: int, starts_at_zero: bool = False) -> nn.Linear:
    """A matrix without bias. Those that write to the residual stream and the output start at zero."""
    linear = nn.Linear(inputs, outputs, bias=False)
    if starts_at_zero:
        nn.init.zeros_(linear.weight)
    else:
        nn.init.normal_(linear.weight, std=0.7 * inputs**-0.5)
    return linear
