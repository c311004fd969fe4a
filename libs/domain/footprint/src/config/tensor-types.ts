import { isValueType, type ValueType } from '../quantisation.js';
import type { GgufTensor } from '../shape/gguf-facts.js';
import type { PlannedTensor } from './config-tensors.js';

/** What a quantisation does to one matrix of one layer; `share` is how far down the model the layer lies, 0 to 1. */
type Choose = (name: string, layer: number, layers: number) => ValueType;

/** Layers that K mixes keep finer: the first and last eighth, and every third between (`use_more_bits`, llama.cpp). */
function isFine(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

const isFineMatrix = (name: string): boolean => /attn_v\.|ffn(_shared)?_down/.test(name);
const medium =
  (plain: ValueType): Choose =>
  (name, layer, layers) =>
    isFineMatrix(name) && isFine(layer, layers) ? 'Q6_K' : plain;
const all =
  (type: ValueType): Choose =>
  () =>
    type;

/** Types of the matrices in layers; names as llama.cpp and Hugging Face use them. */
const MIXES: Readonly<Record<string, { layers: Choose; outside: ValueType }>> = {
  F32: { layers: all('F32'), outside: 'F32' },
  F16: { layers: all('F16'), outside: 'F16' },
  BF16: { layers: all('BF16'), outside: 'BF16' },
  FP8: { layers: all('F8_E4M3'), outside: 'BF16' },
  // Of fbgemm's FP8 checkpoints: only the feed-forward matrices, and neither in the first layer nor in the last.
  FBGEMM_FP8: {
    layers: (name, layer, layers) => (name.includes('ffn_') && layer > 0 && layer < layers - 1 ? 'F8_E4M3' : 'BF16'),
    outside: 'BF16',
  },
  MXFP4: { layers: (name) => (name.includes('_exps') ? 'MXFP4' : 'BF16'), outside: 'BF16' },
  Q8_0: { layers: all('Q8_0'), outside: 'Q8_0' },
  Q6_K: { layers: all('Q6_K'), outside: 'Q6_K' },
  Q5_K_M: { layers: medium('Q5_K'), outside: 'Q6_K' },
  Q5_K_S: { layers: all('Q5_K'), outside: 'Q6_K' },
  Q5_0: { layers: all('Q5_0'), outside: 'Q6_K' },
  Q4_K_M: { layers: medium('Q4_K'), outside: 'Q6_K' },
  Q4_K_S: { layers: all('Q4_K'), outside: 'Q6_K' },
  Q4_0: { layers: all('Q4_0'), outside: 'Q6_K' },
  Q3_K_M: { layers: (name) => (/attn_v|attn_output|down/.test(name) ? 'Q4_K' : 'Q3_K'), outside: 'Q6_K' },
  Q2_K: { layers: (name) => (/attn_v|down/.test(name) ? 'Q3_K' : 'Q2_K'), outside: 'Q6_K' },
};

/** The name of a known mix, from what people write: `q4_k_m`, `bfloat16`, `fp16`; undefined for others. */
export function quantisationNamed(word: string): string | undefined {
  const upper = word
    .toUpperCase()
    .replace(/^BFLOAT16$/, 'BF16')
    .replace(/^(FLOAT16|FP16)$/, 'F16')
    .replace(/^FLOAT32$/, 'F32');
  return upper in MIXES || isValueType(upper) ? upper : undefined;
}

/** Gives each tensor its type. Vectors stay in F32 in GGUF files and in 16 bits elsewhere; either way they are small. */
export function typed(tensors: readonly PlannedTensor[], quantisation: string, layers: number): GgufTensor[] {
  const mix = MIXES[quantisation] ?? { layers: all(quantisation), outside: quantisation };
  const tied = !tensors.some(({ name }) => name === 'output.weight');
  return tensors.map(({ name, dimensions }) => {
    const layer = /^blk\.(\d+)\./.exec(name)?.[1];
    if (dimensions.length === 1) return { name, dimensions, type: mix.outside === 'BF16' ? 'BF16' : 'F32' };
    if (layer !== undefined) return { name, dimensions, type: mix.layers(name, Number(layer), layers) };
    const isOutput = name === 'output.weight' || tied;
    return { name, dimensions, type: isOutput ? mix.outside : mix.layers(name, 0, layers) };
  });
}
