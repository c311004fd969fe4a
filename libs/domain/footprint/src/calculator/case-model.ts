import { shapeOfConfig } from '../config/config-shape.js';
import type { ModelConfig } from '../config/config-facts.js';
import { quantisationNamed } from '../config/tensor-types.js';
import { publishedModel } from '../published/published-models.js';
import type { ModelShape } from '../shape/model-shape.js';
import { CaseValues, FootprintCaseError, type CaseRecord, type FootprintCase } from './footprint-case.js';

/** Fields of a case's model, by the name that a `config.json` gives them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  num_hidden_layers: ['layers', 'n_layers', 'block_count', 'num_hidden_layers'],
  num_attention_heads: ['heads', 'n_heads', 'num_attention_heads'],
  num_key_value_heads: ['kv_heads', 'n_kv_heads', 'num_key_value_heads'],
  head_dim: ['head_dim', 'key_len', 'key_length'],
  value_head_dim: ['value_len', 'value_length', 'value_head_dim'],
  hidden_size: ['embedding', 'hidden', 'hidden_size'],
  intermediate_size: ['feed_forward', 'ffn', 'intermediate_size'],
  moe_intermediate_size: ['expert_feed_forward', 'moe_intermediate_size'],
  num_local_experts: ['experts', 'num_experts', 'num_local_experts'],
  num_experts_per_tok: ['experts_used', 'num_experts_per_tok'],
  vocab_size: ['vocabulary', 'vocab', 'vocab_size'],
  kv_lora_rank: ['kv_lora_rank'],
  qk_rope_head_dim: ['rope_dim', 'qk_rope_head_dim', 'qk_rope_dim'],
  sliding_window: ['window', 'swa_window', 'sliding_window'],
  sliding_window_pattern: ['window_pattern', 'swa_pattern', 'sliding_window_pattern'],
  num_kv_shared_layers: ['shared_kv_layers', 'kv_shared_layers', 'num_kv_shared_layers'],
  full_attention_interval: ['full_attention_interval'],
};
const FULL_LAYERS = ['attention_layers', 'global_layers', 'full_layers', 'full_attention_layers'];
const WINDOW_LAYERS = ['swa_layers', 'window_layers', 'sliding_layers', 'local_layers'];
const QUANTISATION = /\b(i?q\d+_[a-z0-9]+(_[a-z]+)?|bf16|fp?16|f32|fp8|mxfp4|nvfp4)\b/i;

/** What llama.cpp's users load unless they say otherwise. */
const USUAL_GGUF = 'Q4_K_M';

export interface CaseModel {
  shape: ModelShape;
  /** What the answer rests on besides the case itself. */
  assumptions: string[];
}

/** Finds a case's model: what it says itself, over what is published under its name. */
export function modelOfCase({ engine, model }: FootprintCase): CaseModel {
  const values = new CaseValues(model, 'model');
  const name = values.text('name', 'id') ?? '';
  const published = publishedModel(name);
  const config = { ...published?.config, ...values.object('config'), ...stated(model) };
  const layered = withLayerKinds(config, values);
  if (layered['num_hidden_layers'] === undefined) throw unknownModel(name);
  const quantisation = statedQuantisation(values) ?? usualQuantisation(engine, name, published?.quantisation);
  const chosen = quantisation ?? (engine === 'vllm' ? 'BF16' : USUAL_GGUF);
  const totalBytes = values.number('weights_bytes', 'total_size');
  const shape = shapeOfConfig(layered, {
    quantisation: chosen,
    ...(totalBytes === undefined ? {} : { totalBytes }),
    // vLLM fills MXFP4 experts up to what its kernels read at once.
    ...(engine === 'vllm' && chosen === 'MXFP4' ? { expertMultiple: 256 } : {}),
  });
  const assumptions = [
    ...(published === undefined ? [] : [`config of ${published.name} from ${published.source}`]),
    ...(quantisation === undefined && shape.weights !== undefined ? [`weights as ${chosen}`] : []),
    ...(shape.weights === undefined ? ['weights are unknown and count as 0'] : []),
  ];
  return { shape, assumptions };
}

/** What the case says itself, under the names of a config. */
function stated(model: CaseRecord): ModelConfig {
  const entries = Object.entries(NAMES).flatMap(([name, aliases]): [string, unknown][] => {
    const number = new CaseValues(model, 'model').number(...aliases);
    return number === undefined ? [] : [[name, number]];
  });
  return Object.fromEntries(entries);
}

/** Cases of mixed models say how many layers look at everything, and how many at a window. */
function withLayerKinds(config: ModelConfig, values: CaseValues): ModelConfig {
  const full = values.number(...FULL_LAYERS);
  const windowed = values.number(...WINDOW_LAYERS);
  if (full === undefined && windowed === undefined) return config;
  const stated = typeof config['num_hidden_layers'] === 'number' ? config['num_hidden_layers'] : undefined;
  const layers = stated ?? (full ?? 0) + (windowed ?? 0);
  const wholeLayers = full ?? layers - (windowed ?? 0);
  const kindOf = (layer: number) =>
    layer < wholeLayers ? 'full_attention' : layer < wholeLayers + (windowed ?? 0) ? 'sliding_attention' : 'mlp';
  return { ...config, num_hidden_layers: layers, layer_types: Array.from({ length: layers }, (_, at) => kindOf(at)) };
}

function statedQuantisation(values: CaseValues): string | undefined {
  const word = values.text('quant', 'quantization', 'quantisation', 'dtype');
  if (word === undefined) return undefined;
  const known = quantisationNamed(word);
  if (known === undefined) {
    throw new FootprintCaseError(`"model.quant" is "${word}"; expected one such as Q4_K_M or BF16.`);
  }
  return known;
}

/** A name says what a GGUF file holds; checkpoints for vLLM are what their publisher made them. */
function usualQuantisation(engine: string, name: string, published: string | undefined): string | undefined {
  const named = quantisationNamed(QUANTISATION.exec(name)?.[0] ?? '');
  return engine === 'vllm' ? (published ?? named) : (named ?? published);
}

function unknownModel(name: string): FootprintCaseError {
  return new FootprintCaseError(
    `The model "${name}" is not among the published ones; give at least layers, kv_heads and head_dim in "model".`,
  );
}
