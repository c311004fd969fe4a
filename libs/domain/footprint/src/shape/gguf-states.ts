import type { GgufNumbers } from './gguf-facts.js';

const RECURRENT = new Set(['mamba', 'mamba2', 'rwkv6', 'rwkv6qwen2', 'rwkv7', 'arwkv7']);
/** Hybrid architectures whose layers without key and value heads are the recurrent ones. */
const WITHOUT_HEADS = new Set([
  ...['jamba', 'plamo2', 'granitehybrid', 'lfm2', 'lfm2moe', 'kimi-linear', 'bailingmoe3', 'kimi-k3'],
]);
/** Hybrid architectures in which every so many layers one is not recurrent. */
const BY_INTERVAL = new Set(['qwen3next', 'qwen35', 'qwen35moe', 'qwen4exp', 'minimax-01']);
const NEMOTRON_H = new Set(['nemotron_h', 'nemotron_h_moe']);
const DEFAULT_INTERVAL = 4;

/** What a layer is made of; layers of a hybrid with neither are plain feed-forward. */
export interface LayerKind {
  attends: boolean;
  recurs: boolean;
}

/** Source: `llm_arch_is_recurrent`, `llm_arch_is_hybrid` and the layer filters of `create_memory` in llama.cpp. */
export function layerKind(architecture: string, numbers: GgufNumbers, layer: number): LayerKind {
  const kvHeads = numbers.at('attention.head_count_kv', layer, numbers.at('attention.head_count', layer));
  if (RECURRENT.has(architecture)) return { attends: false, recurs: true };
  if (architecture === 'falcon-h1') return { attends: true, recurs: true };
  if (WITHOUT_HEADS.has(architecture)) return { attends: kvHeads > 0, recurs: kvHeads === 0 };
  if (NEMOTRON_H.has(architecture)) {
    const feedsForward = numbers.at('feed_forward_length', layer) > 0;
    return { attends: kvHeads > 0 && !feedsForward, recurs: kvHeads === 0 && !feedsForward };
  }
  if (BY_INTERVAL.has(architecture)) {
    const listed = numbers.list('attention.recurrent_layers');
    const interval = numbers.one('full_attention_interval', DEFAULT_INTERVAL);
    const recurs = listed === undefined ? (layer + 1) % interval !== 0 : Boolean(listed[layer]);
    return { attends: !recurs, recurs };
  }
  return { attends: kvHeads > 0, recurs: false };
}

/** F32 values of state in one recurrent layer, for one slot. Source: `n_embd_r` and `n_embd_s` in llama-hparams.cpp. */
export function stateValues(architecture: string, numbers: GgufNumbers): number {
  if (architecture === 'minimax-01') {
    return numbers.one('attention.key_length') ** 2 * numbers.one('attention.head_count');
  }
  const embedding = numbers.one('embedding_length');
  const wkvHead = numbers.one('wkv.head_size');
  if (wkvHead > 0) return numbers.one('token_shift_count', 2) * embedding + embedding * wkvHead;
  const shortConvolution = numbers.one('shortconv.l_cache');
  if (shortConvolution > 0) return embedding * (shortConvolution - 1);
  const kernel = numbers.one('ssm.conv_kernel');
  const linearHead = numbers.one('kda.head_dim');
  const heads = numbers.one('attention.head_count');
  if (linearHead > 0) {
    return 3 * (kernel > 0 ? kernel - 1 : 3) * heads * linearHead + linearHead * linearHead * heads;
  }
  const inner = numbers.one('ssm.inner_size');
  const state = numbers.one('ssm.state_size');
  const convolved = inner + 2 * numbers.one('ssm.group_count') * state;
  return Math.max(0, kernel - 1) * convolved + state * inner;
}
