import type { GgufTensor } from '../shape/gguf-facts.js';
import type { ConfigFacts } from './config-facts.js';

/** A matrix whose type is not decided yet; named as llama.cpp names it. */
export type PlannedTensor = Omit<GgufTensor, 'type'>;

/**
 * The matrices and vectors that a `config.json` implies.
 * Covers attention (grouped-query and latent), feed-forward, mixtures with shared experts, embedding and output; the
 * projections of recurrent layers are left out, so such models need their safetensors index.
 * `expertMultiple`: the width of experts is filled up to a multiple of this.
 */
export function tensorsOfConfig(facts: ConfigFacts, expertMultiple = 1): PlannedTensor[] {
  const { embedding, vocabulary, layers } = facts;
  const tied = facts.flag('tie_word_embeddings') === true;
  return [
    { name: 'token_embd.weight', dimensions: [embedding, vocabulary] },
    { name: 'output_norm.weight', dimensions: [embedding] },
    ...(tied ? [] : [{ name: 'output.weight', dimensions: [embedding, vocabulary] }]),
    ...Array.from({ length: layers }, (_, layer) =>
      [...attentionTensors(facts), ...feedForwardTensors(facts, { layer, expertMultiple }), ...normTensors(facts)].map(
        ({ name, dimensions }) => ({ name: `blk.${layer}.${name}`, dimensions }),
      ),
    ).flat(),
  ];
}

const matrix = (name: string, ...dimensions: number[]): PlannedTensor => ({ name: `${name}.weight`, dimensions });

function attentionTensors(facts: ConfigFacts): PlannedTensor[] {
  const { embedding, heads, kvHeads, keyLength, valueLength } = facts;
  const rank = facts.number('kv_lora_rank');
  if (rank !== undefined) return latentTensors(facts, rank);
  const query = matrix('attn_q', embedding, heads * keyLength);
  const key = matrix('attn_k', embedding, kvHeads * keyLength);
  const value = matrix('attn_v', embedding, kvHeads * valueLength);
  return [query, key, value, matrix('attn_output', heads * valueLength, embedding)];
}

function latentTensors(facts: ConfigFacts, rank: number): PlannedTensor[] {
  const { embedding, heads } = facts;
  const rope = facts.number('qk_rope_head_dim') ?? 0;
  const plain = facts.number('qk_nope_head_dim') ?? 0;
  const value = facts.number('v_head_dim') ?? 0;
  const queryRank = facts.number('q_lora_rank');
  const queries = heads * (plain + rope);
  return [
    ...(queryRank === undefined
      ? [matrix('attn_q', embedding, queries)]
      : [matrix('attn_q_a', embedding, queryRank), matrix('attn_q_b', queryRank, queries)]),
    matrix('attn_kv_a_mqa', embedding, rank + rope),
    matrix('attn_kv_b', rank, heads * (plain + value)),
    matrix('attn_output', heads * value, embedding),
  ];
}

function feedForwardTensors(facts: ConfigFacts, at: { layer: number; expertMultiple: number }): PlannedTensor[] {
  const { embedding } = facts;
  const experts = facts.number('num_local_experts', 'n_routed_experts', 'num_experts') ?? 0;
  const width = facts.number('intermediate_size', 'n_inner', 'ffn_dim') ?? 0;
  if (experts === 0 || at.layer < (facts.number('first_k_dense_replace') ?? 0)) return gated('ffn', embedding, width);
  const own = facts.number('moe_intermediate_size') ?? width;
  const each = Math.ceil(own / at.expertMultiple) * at.expertMultiple;
  const sharedWidth = facts.number('shared_expert_intermediate_size') ?? (facts.number('n_shared_experts') ?? 0) * each;
  return [
    matrix('ffn_gate_inp', embedding, experts),
    matrix('ffn_gate_exps', embedding, each, experts),
    matrix('ffn_up_exps', embedding, each, experts),
    matrix('ffn_down_exps', each, embedding, experts),
    ...(sharedWidth > 0 ? gated('ffn_shared', embedding, sharedWidth) : []),
  ];
}

function gated(name: string, embedding: number, width: number): PlannedTensor[] {
  const gate = matrix(`${name}_gate`, embedding, width);
  return [gate, matrix(`${name}_up`, embedding, width), matrix(`${name}_down`, width, embedding)];
}

function normTensors({ embedding }: ConfigFacts): PlannedTensor[] {
  return [matrix('attn_norm', embedding), matrix('ffn_norm', embedding)];
}
