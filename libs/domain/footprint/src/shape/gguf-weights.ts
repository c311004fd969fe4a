import { tensorBytes } from '../quantisation.js';
import type { GgufTensor } from './gguf-facts.js';
import type { WeightsShape } from './model-shape.js';

/** Tensors that stand before the first layer; llama.cpp keeps them on the host (`LLM_TENSOR_LAYER_INPUT`). */
const INPUT = /^(token_embd|token_types|position_embd|per_layer_token_embd)/;

/** Sums the tensors by where they may lie; the file's own size also holds metadata and padding. */
export function weightsOfTensors(tensors: readonly GgufTensor[], blocks: number): WeightsShape {
  const layerBytes = Array.from({ length: blocks }, () => 0);
  let inputBytes = 0;
  let outputBytes = 0;
  for (const { name, type, dimensions } of tensors) {
    const bytes = tensorBytes(dimensions, type);
    const layer = /^blk\.(\d+)\./.exec(name)?.[1];
    if (layer !== undefined && Number(layer) < blocks)
      layerBytes[Number(layer)] = (layerBytes[Number(layer)] ?? 0) + bytes;
    else if (INPUT.test(name)) inputBytes += bytes;
    else outputBytes += bytes;
  }
  const embedding = tensors.find(({ name }) => name === 'token_embd.weight');
  const tied = embedding !== undefined && !tensors.some(({ name }) => name === 'output.weight');
  const repeatedBytes = tied ? tensorBytes(embedding.dimensions, embedding.type) : 0;
  return { inputBytes, layerBytes, outputBytes: outputBytes + repeatedBytes, repeatedBytes };
}
