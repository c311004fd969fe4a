import type { GgufTensor } from '@millrace/domain/footprint';
import type { GgufContent } from './write-gguf.js';

/** The size of a model to write; lengths are multiples of 32, so that every quantisation fits them. */
export interface ModelSize {
  layers: number;
  embedding: number;
  feedForward: number;
  heads: number;
  kvHeads: number;
  headLength: number;
  vocabulary: number;
  /** Type of the matrices; norms and biases are F32. */
  type: string;
}

type Metadata = Record<string, GgufContent['metadata'][string]>;

/** Metadata and tensors of an architecture that llama.cpp loads. */
export type ModelFamily = (size: ModelSize) => GgufContent;

/** Blocks of K types hold 256 values, so a shorter row is of a type with smaller ones. */
const tensor = (name: string, type: string, ...dimensions: number[]): GgufTensor => {
  const fits = !type.endsWith('_K') || (dimensions[0] ?? 0) % 256 === 0;
  return { name, type: fits ? type : 'Q8_0', dimensions };
};

function attention(size: ModelSize, layer: number): GgufTensor[] {
  const { embedding, heads, kvHeads, headLength, type } = size;
  const at = (name: string, ...dimensions: number[]) => tensor(`blk.${layer}.${name}.weight`, type, ...dimensions);
  return [
    tensor(`blk.${layer}.attn_norm.weight`, 'F32', embedding),
    at('attn_q', embedding, heads * headLength),
    at('attn_k', embedding, kvHeads * headLength),
    at('attn_v', embedding, kvHeads * headLength),
    at('attn_output', heads * headLength, embedding),
  ];
}

function feedForward({ embedding, feedForward: width, type }: ModelSize, layer: number): GgufTensor[] {
  return [
    tensor(`blk.${layer}.ffn_norm.weight`, 'F32', embedding),
    tensor(`blk.${layer}.ffn_gate.weight`, type, embedding, width),
    tensor(`blk.${layer}.ffn_up.weight`, type, embedding, width),
    tensor(`blk.${layer}.ffn_down.weight`, type, width, embedding),
  ];
}

function experts({ embedding, feedForward: width, type }: ModelSize, layer: number, count: number): GgufTensor[] {
  return [
    tensor(`blk.${layer}.ffn_norm.weight`, 'F32', embedding),
    tensor(`blk.${layer}.ffn_gate_inp.weight`, 'F32', embedding, count),
    tensor(`blk.${layer}.ffn_gate_exps.weight`, type, embedding, width, count),
    tensor(`blk.${layer}.ffn_up_exps.weight`, type, embedding, width, count),
    tensor(`blk.${layer}.ffn_down_exps.weight`, type, width, embedding, count),
  ];
}

const headNorms = ({ headLength }: ModelSize, layer: number): GgufTensor[] => [
  tensor(`blk.${layer}.attn_q_norm.weight`, 'F32', headLength),
  tensor(`blk.${layer}.attn_k_norm.weight`, 'F32', headLength),
];

interface Plan {
  architecture: string;
  metadata?: Metadata;
  tied?: boolean;
  outputNorm?: string;
  layer: (index: number) => GgufTensor[];
}

function model(size: ModelSize, plan: Plan): GgufContent {
  const { architecture, outputNorm = 'output_norm.weight' } = plan;
  const own = Object.fromEntries(
    Object.entries({ ...commonMetadata(size), ...plan.metadata }).map(([key, value]) => [
      `${architecture}.${key}`,
      value,
    ]),
  );
  return {
    metadata: { 'general.architecture': architecture, ...own, ...tokenizer(size.vocabulary) },
    tensors: [
      tensor('token_embd.weight', size.type, size.embedding, size.vocabulary),
      tensor(outputNorm, 'F32', size.embedding),
      ...(plan.tied === true ? [] : [tensor('output.weight', size.type, size.embedding, size.vocabulary)]),
      ...Array.from({ length: size.layers }, (_, index) => plan.layer(index)).flat(),
    ],
  };
}

function commonMetadata(size: ModelSize): Metadata {
  return {
    block_count: size.layers,
    context_length: 131072,
    embedding_length: size.embedding,
    feed_forward_length: size.feedForward,
    'attention.head_count': size.heads,
    'attention.head_count_kv': size.kvHeads,
    'attention.key_length': size.headLength,
    'attention.value_length': size.headLength,
    'attention.layer_norm_rms_epsilon': 0.00001,
    'rope.dimension_count': size.headLength,
  };
}

const FIRST_TOKENS = ['<unk>', '<s>', '</s>'];
const BYTES = 256;

/** Pieces of text behind the marks and the single bytes, which llama.cpp looks for when it loads. */
function tokenizer(vocabulary: number): Metadata {
  const bytes = Array.from({ length: BYTES }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const named = [...FIRST_TOKENS, ...bytes];
  const tokens = Array.from({ length: vocabulary }, (_, id) => named[id] ?? `t${id}`);
  const [unknown, control, ordinary, byte] = [2, 3, 1, 6];
  return {
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.scores': tokens.map((_, id) => -id - 0.5),
    'tokenizer.ggml.token_type': tokens.map((_, id) =>
      id === 0 ? unknown : id < FIRST_TOKENS.length ? control : id < named.length ? byte : ordinary,
    ),
  };
}

const EXPERTS = 8;
const USED = 2;

/** One builder for each way of attending and remembering that llama.cpp treats differently. */
export const FAMILIES: Readonly<Record<string, ModelFamily>> = {
  /** Grouped-query attention. */
  llama: (size) =>
    model(size, { architecture: 'llama', layer: (at) => [...attention(size, at), ...feedForward(size, at)] }),
  /** Tied embedding and sliding windows, five of six layers. */
  gemma3: (size) =>
    model(size, {
      architecture: 'gemma3',
      tied: true,
      metadata: { 'attention.sliding_window': 512 },
      layer: (at) => [
        ...attention(size, at),
        ...headNorms(size, at),
        ...feedForward(size, at),
        tensor(`blk.${at}.post_attention_norm.weight`, 'F32', size.embedding),
        tensor(`blk.${at}.post_ffw_norm.weight`, 'F32', size.embedding),
      ],
    }),
  /** Mixture of experts. */
  qwen3moe: (size) =>
    model(size, {
      architecture: 'qwen3moe',
      metadata: {
        expert_count: EXPERTS,
        expert_used_count: USED,
        expert_feed_forward_length: size.feedForward,
      },
      layer: (at) => [...attention(size, at), ...headNorms(size, at), ...experts(size, at, EXPERTS)],
    }),
  /** Multi-head latent attention: one narrow key of each token, no value. */
  deepseek2: (size) => {
    const latent = 4 * size.headLength;
    const rope = size.headLength / 2;
    const at = (layer: number, name: string, ...dimensions: number[]) =>
      tensor(`blk.${layer}.${name}.weight`, size.type, ...dimensions);
    return model(size, {
      architecture: 'deepseek2',
      metadata: {
        'attention.head_count_kv': 1,
        'attention.q_lora_rank': latent,
        'attention.kv_lora_rank': latent,
        'attention.key_length': latent + rope,
        'attention.value_length': latent,
        'attention.key_length_mla': size.headLength + rope,
        'attention.value_length_mla': size.headLength,
        'rope.dimension_count': rope,
        leading_dense_block_count: size.layers,
        expert_count: EXPERTS,
        expert_used_count: USED,
        expert_shared_count: 1,
        expert_feed_forward_length: size.feedForward,
        expert_weights_scale: 1.5,
      },
      layer: (layer) => [
        tensor(`blk.${layer}.attn_norm.weight`, 'F32', size.embedding),
        tensor(`blk.${layer}.attn_q_a_norm.weight`, 'F32', latent),
        tensor(`blk.${layer}.attn_kv_a_norm.weight`, 'F32', latent),
        at(layer, 'attn_q_a', size.embedding, latent),
        at(layer, 'attn_q_b', latent, size.heads * (size.headLength + rope)),
        at(layer, 'attn_kv_a_mqa', size.embedding, latent + rope),
        at(layer, 'attn_k_b', size.headLength, latent, size.heads),
        at(layer, 'attn_v_b', latent, size.headLength, size.heads),
        at(layer, 'attn_output', size.heads * size.headLength, size.embedding),
        ...feedForward(size, layer),
      ],
    });
  },
  /** Hybrid: three short convolutions, then one attention layer. */
  lfm2: (size) => {
    const whole = { ...size, headLength: size.embedding / size.heads };
    const attends = (layer: number) => layer % 4 === 3;
    return model(whole, {
      architecture: 'lfm2',
      tied: true,
      outputNorm: 'token_embd_norm.weight',
      metadata: {
        'attention.head_count_kv': Array.from({ length: size.layers }, (_, at) => (attends(at) ? size.kvHeads : 0)),
        'shortconv.l_cache': 3,
      },
      layer: (at) => [
        ...(attends(at)
          ? [...attention(whole, at), ...headNorms(whole, at)]
          : [
              tensor(`blk.${at}.attn_norm.weight`, 'F32', size.embedding),
              tensor(`blk.${at}.shortconv.conv.weight`, 'F32', 3, size.embedding),
              tensor(`blk.${at}.shortconv.in_proj.weight`, size.type, size.embedding, 3 * size.embedding),
              tensor(`blk.${at}.shortconv.out_proj.weight`, size.type, size.embedding, size.embedding),
            ]),
        ...feedForward(size, at),
      ],
    });
  },
  /** Recurrent: no cache at all. */
  mamba: (size) => {
    const inner = 2 * size.embedding;
    const rank = size.embedding / 16;
    return model(size, {
      architecture: 'mamba',
      tied: true,
      metadata: {
        'attention.head_count': 0,
        'ssm.conv_kernel': 4,
        'ssm.inner_size': inner,
        'ssm.state_size': 16,
        'ssm.time_step_rank': rank,
      },
      layer: (at) => [
        tensor(`blk.${at}.attn_norm.weight`, 'F32', size.embedding),
        tensor(`blk.${at}.ssm_in.weight`, size.type, size.embedding, 2 * inner),
        tensor(`blk.${at}.ssm_conv1d.weight`, 'F32', 4, inner),
        tensor(`blk.${at}.ssm_conv1d.bias`, 'F32', inner),
        tensor(`blk.${at}.ssm_x.weight`, size.type, inner, rank + 32),
        tensor(`blk.${at}.ssm_dt.weight`, 'F32', rank, inner),
        tensor(`blk.${at}.ssm_dt.bias`, 'F32', inner),
        tensor(`blk.${at}.ssm_a`, 'F32', 16, inner),
        tensor(`blk.${at}.ssm_d`, 'F32', inner),
        tensor(`blk.${at}.ssm_out.weight`, size.type, inner, size.embedding),
      ],
    });
  },
  /** Heads whose length is not embedding / heads. */
  qwen3: (size) =>
    model(size, {
      architecture: 'qwen3',
      tied: true,
      layer: (at) => [...attention(size, at), ...headNorms(size, at), ...feedForward(size, at)],
    }),
};
