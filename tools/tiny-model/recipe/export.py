"""Writes a trained model and its tokenizer as one GGUF file that llama.cpp loads.

Run as `python3 -m recipe.export --model build/model.pt --tokenizer tok.json --out build/millrace-tiny.gguf`.
"""

import argparse
from pathlib import Path

import numpy as np

from recipe.facts import DATA
from recipe.gguf import ALIGNMENT, FILE_TYPES, Metadata, TensorInfo, TensorType, encode, write
from recipe.model import NORM_EPSILON, ROPE_BASE, Shape
from recipe.tokenizer import CONTROL_TOKENS, END_OF_TEXT, SPECIAL_TOKENS, Tokenizer
from recipe.train import load

END_OF_TURN = "<|im_end|>"
# Kinds of tokens in `tokenizer.ggml.token_type`.
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4


def metadata(shape: Shape, tokenizer: Tokenizer, matrix_type: TensorType) -> list[Metadata]:
    """Everything llama.cpp must know besides the weights."""
    return [
        Metadata("general.architecture", "str", "llama"),
        Metadata("general.name", "str", "tiny"),
        Metadata("general.alignment", "u32", ALIGNMENT),
        Metadata("general.file_type", "u32", FILE_TYPES[matrix_type]),
        *_shape_metadata(shape),
        *_tokenizer_metadata(tokenizer),
    ]


def _shape_metadata(shape: Shape) -> list[Metadata]:
    return [
        Metadata("llama.context_length", "u32", shape.context),
        Metadata("llama.embedding_length", "u32", shape.width),
        Metadata("llama.block_count", "u32", shape.layers),
        Metadata("llama.feed_forward_length", "u32", shape.ffn_width),
        Metadata("llama.rope.dimension_count", "u32", shape.head_width),
        Metadata("llama.attention.head_count", "u32", shape.heads),
        Metadata("llama.attention.head_count_kv", "u32", shape.kv_heads),
        Metadata("llama.attention.layer_norm_rms_epsilon", "f32", NORM_EPSILON),
        Metadata("llama.rope.freq_base", "f32", ROPE_BASE),
        Metadata("llama.vocab_size", "u32", shape.vocabulary),
    ]


def _tokenizer_metadata(tokenizer: Tokenizer) -> list[Metadata]:
    end_of_text = tokenizer.tokens.index(END_OF_TEXT)
    template = (DATA / "chat_template.jinja").read_text(encoding="utf-8").removesuffix("\n")
    return [
        Metadata("tokenizer.ggml.model", "str", "gpt2"),
        Metadata("tokenizer.ggml.pre", "str", "qwen2"),
        Metadata("tokenizer.ggml.tokens", "array of str", tokenizer.tokens),
        Metadata("tokenizer.ggml.token_type", "array of i32", list(map(_token_type, tokenizer.tokens))),
        Metadata("tokenizer.ggml.merges", "array of str", tokenizer.merges),
        Metadata("tokenizer.ggml.bos_token_id", "u32", end_of_text),
        Metadata("tokenizer.ggml.eos_token_id", "u32", tokenizer.tokens.index(END_OF_TURN)),
        Metadata("tokenizer.ggml.padding_token_id", "u32", end_of_text),
        Metadata("tokenizer.ggml.add_bos_token", "bool", False),
        Metadata("tokenizer.chat_template", "str", template),
    ]


def _token_type(token: str) -> int:
    if token in CONTROL_TOKENS:
        return CONTROL
    return USER_DEFINED if token in SPECIAL_TOKENS else NORMAL


def tensors(shape: Shape, matrix_type: TensorType) -> list[TensorInfo]:
    """The tensors in the order of the file; the norms stay F32, as llama.cpp wants them."""
    found = [TensorInfo("token_embd.weight", (shape.vocabulary, shape.width), matrix_type)]
    for layer in range(shape.layers):
        found += _layer_tensors(f"blk.{layer}", shape, matrix_type)
    found.append(TensorInfo("output_norm.weight", (shape.width,), TensorType.F32))
    found.append(TensorInfo("output.weight", (shape.vocabulary, shape.width), matrix_type))
    return found


def _layer_tensors(layer: str, shape: Shape, matrix_type: TensorType) -> list[TensorInfo]:
    width, kv_width, ffn_width = shape.width, shape.kv_heads * shape.head_width, shape.ffn_width
    return [
        TensorInfo(f"{layer}.attn_norm.weight", (width,), TensorType.F32),
        TensorInfo(f"{layer}.attn_q.weight", (width, width), matrix_type),
        TensorInfo(f"{layer}.attn_k.weight", (kv_width, width), matrix_type),
        TensorInfo(f"{layer}.attn_v.weight", (kv_width, width), matrix_type),
        TensorInfo(f"{layer}.attn_output.weight", (width, width), matrix_type),
        TensorInfo(f"{layer}.ffn_norm.weight", (width,), TensorType.F32),
        TensorInfo(f"{layer}.ffn_gate.weight", (ffn_width, width), matrix_type),
        TensorInfo(f"{layer}.ffn_up.weight", (ffn_width, width), matrix_type),
        TensorInfo(f"{layer}.ffn_down.weight", (width, ffn_width), matrix_type),
    ]


def export(path: Path, model_path: Path, tokenizer: Tokenizer, matrix_type: TensorType) -> None:
    """Writes the model that `model_path` holds."""
    model = load(model_path)
    weights = model.state_dict()

    def data_of(tensor: TensorInfo) -> bytes:
        values: np.ndarray = weights[tensor.name].float().numpy()
        if values.shape != tensor.shape:
            raise ValueError(f"{tensor.name} is {values.shape}, {tensor.shape} expected")
        return encode(values, tensor.type)

    shape = model.shape
    write(path, metadata(shape, tokenizer, matrix_type), tensors(shape, matrix_type), data_of)


def main() -> None:
    """Exports as F16 unless told otherwise: its text is the same after a continued prefill, Q8_0's is not always."""
    parser = argparse.ArgumentParser(description="Write a trained model as GGUF.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--type", choices=[kind.name for kind in TensorType], default="F16")
    options = parser.parse_args()
    tokenizer = Tokenizer.load(options.tokenizer)
    export(options.out, options.model, tokenizer, TensorType[options.type])
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
