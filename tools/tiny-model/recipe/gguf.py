"""The GGUF format, version 3: metadata, descriptions of the tensors, then their data, all little-endian.

Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

MAGIC = b"GGUF"
VERSION = 3
ALIGNMENT = 32
ARRAY = 9
# Metadata types: their number in the format and how one value is packed (a string packs itself).
METADATA_TYPES = {"u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f"), "bool": (7, "<?"), "str": (8, "")}
Q8_0_BLOCK_WEIGHTS = 32
Q8_0_BLOCK_BYTES = 34


class TensorType(IntEnum):
    """How the numbers of a tensor are stored."""

    F32 = 0
    F16 = 1
    Q8_0 = 8


# The `general.file_type` of a model whose matrices have a type.
FILE_TYPES = {TensorType.F32: 0, TensorType.F16: 1, TensorType.Q8_0: 7}


class Metadata(NamedTuple):
    """One entry; the type is a key of METADATA_TYPES, or "array of " and one."""

    key: str
    type: str
    value: Any


class TensorInfo(NamedTuple):
    """A tensor in the file; the shape is (rows, columns) or (length,)."""

    name: str
    shape: tuple[int, ...]
    type: TensorType


def encode(weights: np.ndarray, tensor_type: TensorType) -> bytes:
    """The bytes of a tensor. Q8_0 stores 32 weights as one F16 scale and 32 signed bytes."""
    if tensor_type is TensorType.F32:
        return weights.astype("<f4").tobytes()
    if tensor_type is TensorType.F16:
        return weights.astype("<f2").tobytes()
    blocks = weights.astype(np.float32).reshape(-1, Q8_0_BLOCK_WEIGHTS)
    scales = np.abs(blocks).max(1) / 127
    inverses = np.where(scales > 0, 1 / np.where(scales > 0, scales, 1), 0)
    quantized = np.clip(np.rint(blocks * inverses[:, None]), -127, 127).astype(np.int8)
    packed = np.empty((len(blocks), Q8_0_BLOCK_BYTES), np.uint8)
    packed[:, :2] = scales.astype(np.float16).view(np.uint8).reshape(-1, 2)
    packed[:, 2:] = quantized.view(np.uint8)
    return packed.tobytes()


def write(
    path: Path,
    metadata: list[Metadata],
    tensors: list[TensorInfo],
    data_of: Callable[[TensorInfo], bytes],
) -> None:
    """Writes a file; `data_of` gives the bytes of one tensor at a time."""
    with path.open("wb") as file:
        file.write(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)))
        for entry in metadata:
            file.write(_entry(entry))
        offset = 0
        for tensor in tensors:
            file.write(_description(tensor, offset))
            offset += _aligned(byte_size(tensor))
        _pad(file)
        for tensor in tensors:
            data = data_of(tensor)
            if len(data) != byte_size(tensor):
                raise ValueError(f"{tensor.name} has {len(data)} bytes, {byte_size(tensor)} expected")
            file.write(data)
            _pad(file)


def byte_size(tensor: TensorInfo) -> int:
    """Bytes of the data of a tensor, without padding."""
    count = int(np.prod(tensor.shape))
    if tensor.type is TensorType.Q8_0:
        return count // Q8_0_BLOCK_WEIGHTS * Q8_0_BLOCK_BYTES
    return count * (4 if tensor.type is TensorType.F32 else 2)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(type_name: str, value: Any) -> bytes:
    return _string(value) if type_name == "str" else struct.pack(METADATA_TYPES[type_name][1], value)


def _entry(entry: Metadata) -> bytes:
    item_type = entry.type.removeprefix("array of ")
    number = METADATA_TYPES[item_type][0]
    if item_type == entry.type:
        return _string(entry.key) + struct.pack("<I", number) + _value(item_type, entry.value)
    head = _string(entry.key) + struct.pack("<IIQ", ARRAY, number, len(entry.value))
    return head + b"".join(_value(item_type, item) for item in entry.value)


def _description(tensor: TensorInfo, offset: int) -> bytes:
    # The format lists the fastest dimension, the columns, first.
    dimensions = b"".join(struct.pack("<Q", size) for size in reversed(tensor.shape))
    head = _string(tensor.name) + struct.pack("<I", len(tensor.shape))
    return head + dimensions + struct.pack("<IQ", tensor.type, offset)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _pad(file: BinaryIO) -> None:
    file.write(b"\0" * (-file.tell() % ALIGNMENT))
