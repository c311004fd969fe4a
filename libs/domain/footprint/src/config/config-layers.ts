import type { CacheShape, LayerShape } from '../shape/model-shape.js';
import type { ConfigFacts } from './config-facts.js';

/** Families that read a text at once and cache nothing. */
const ENCODERS = /^(bert|roberta|xlm-roberta|distilbert|mpnet|nomic_bert|modernbert|new|camembert|electra|deberta)/;
/** Families whose configs leave out how often a layer looks at the whole context. */
const EVERY: Readonly<Record<string, number>> = { gemma2: 2, gemma3: 6, gemma3_text: 6, cohere2: 4 };
const RECURRENT = /^(mamba|falcon_mamba|rwkv)/;
const WHOLE = /full|global|^attention$|^\*$|hybrid/;
const WINDOWED = /sliding|chunked|local/;

/** What each layer caches and keeps, from a `config.json`. */
export function layersOfConfig(facts: ConfigFacts): LayerShape[] {
  const sharing = facts.layers - (facts.number('num_kv_shared_layers') ?? 0);
  const encoder = isEncoder(facts);
  return Array.from({ length: facts.layers }, (_, layer) => {
    const kind = kindOf(facts, layer);
    const attends = kind !== 'recurrent' && kind !== 'none' && !encoder && layer < sharing;
    return {
      stateValues: kind === 'recurrent' || kind === 'both' ? stateValuesOf(facts) : 0,
      ...(attends ? { cache: cacheOf(facts, kind === 'windowed') } : {}),
    };
  });
}

/** Whether a model reads a text at once, and answers with embeddings. */
export function isEncoder(facts: ConfigFacts): boolean {
  return ENCODERS.test(facts.architecture) && facts.flag('is_decoder') !== true;
}

type Kind = 'whole' | 'windowed' | 'recurrent' | 'both' | 'none';

function kindOf(facts: ConfigFacts, layer: number): Kind {
  const listed = facts.layerKinds?.[layer];
  if (listed !== undefined) return kindOfWord(listed);
  if (RECURRENT.test(facts.architecture)) return 'recurrent';
  if (facts.architecture === 'falcon_h1') return 'both';
  const attending = facts.list('attn_layer_indices', 'full_attn_idxs');
  if (attending !== undefined) return attending.includes(layer) ? 'whole' : 'recurrent';
  const period = facts.number('full_attention_interval', 'attn_layer_period');
  if (period !== undefined) {
    const offset = facts.number('attn_layer_offset') ?? period - 1;
    return layer % period === offset ? 'whole' : 'recurrent';
  }
  return isWindowed(facts, layer) ? 'windowed' : 'whole';
}

function kindOfWord(word: string): Kind {
  if (WINDOWED.test(word)) return 'windowed';
  if (/linear/.test(word)) return 'recurrent';
  if (WHOLE.test(word)) return 'whole';
  return /mlp|moe|^[-E]$/.test(word) ? 'none' : 'recurrent';
}

function isWindowed(facts: ConfigFacts, layer: number): boolean {
  if ((windowOf(facts) ?? 0) === 0 || facts.flag('use_sliding_window') === false) return false;
  const every = facts.number('sliding_window_pattern', '_sliding_window_pattern') ?? EVERY[facts.architecture];
  return every === undefined || layer % every < every - 1;
}

function windowOf(facts: ConfigFacts): number | undefined {
  return facts.number('sliding_window', 'attention_chunk_size', 'sliding_window_size');
}

function cacheOf(facts: ConfigFacts, windowed: boolean): CacheShape {
  const window = windowed ? windowOf(facts) : undefined;
  const ofWindow = window === undefined ? {} : { window };
  const rank = facts.number('kv_lora_rank');
  if (rank !== undefined) {
    const keyLength = rank + (facts.number('qk_rope_head_dim') ?? 0);
    return { kvHeads: 1, keyLength, valueLength: 0, latent: true, ...ofWindow };
  }
  const { kvHeads, keyLength, valueLength } = facts;
  return { kvHeads, keyLength, valueLength, latent: false, ...ofWindow };
}

/** F32 values of convolution and recurrent state in one recurrent layer, for one slot. */
function stateValuesOf(facts: ConfigFacts): number {
  const valueHeads = facts.number('linear_num_value_heads');
  if (valueHeads !== undefined) {
    const keyLength = facts.number('linear_key_head_dim') ?? 0;
    const valueLength = facts.number('linear_value_head_dim') ?? 0;
    const keys = (facts.number('linear_num_key_heads') ?? 0) * keyLength;
    const kernel = facts.number('linear_conv_kernel_dim') ?? 1;
    return (kernel - 1) * (2 * keys + valueHeads * valueLength) + valueHeads * keyLength * valueLength;
  }
  const shortConvolution = facts.number('conv_L_cache');
  if (shortConvolution !== undefined) return facts.embedding * (shortConvolution - 1);
  const inner = innerOf(facts);
  const state = facts.number('mamba_d_state', 'ssm_state_size', 'state_size') ?? 0;
  const groups = facts.number('mamba_n_groups', 'n_groups') ?? 0;
  const kernel = facts.number('mamba_d_conv', 'conv_kernel') ?? 1;
  return (kernel - 1) * (inner + 2 * groups * state) + state * inner;
}

/** Inner values of a state-space layer. */
export function innerOf(facts: ConfigFacts): number {
  const own = facts.number('intermediate_size_ssm', 'mamba_d_ssm');
  if (own !== undefined) return own;
  const heads = facts.number('mamba_num_heads', 'mamba_n_heads');
  const headLength = facts.number('mamba_head_dim', 'mamba_d_head');
  if (heads !== undefined && headLength !== undefined) return heads * headLength;
  return (facts.number('mamba_expand', 'expand') ?? 0) * facts.embedding;
}
