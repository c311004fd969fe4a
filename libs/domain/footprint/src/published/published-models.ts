import type { ModelConfig } from '../config/config-facts.js';

/** A public model's config, as far as a footprint needs it. */
export interface PublishedModel {
  /** As people write it, without owner, quantisation or `Instruct`. */
  name: string;
  /** Where the config is published. */
  source: string;
  config: ModelConfig;
  /** Of its usual checkpoint, where that is not of 16 bits. */
  quantisation?: string;
}

/** Name, repository on Hugging Face or a source by its own address, family, the numbers of COLUMNS, and all else. */
type Row = [string, string, string, readonly number[], ModelConfig?, string?];

const INFERENCE_SIM =
  'https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/';
/** A collection of configs as published. */
const LLM_PROF =
  'https://github.com/citsjtu2020/LLM-Prof/blob/8434c8d19c396b2f95d92a67845a7c0a0e0dd512/sglang/Model_Config.md';
const COLUMNS = [
  ...['num_hidden_layers', 'hidden_size', 'num_attention_heads', 'num_key_value_heads', 'intermediate_size'],
  ...['vocab_size', 'max_position_embeddings'],
];
const TIED = { tie_word_embeddings: true };
const LATENT = { kv_lora_rank: 512, q_lora_rank: 1536, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128 };
/** Three layers of gated delta net, then one that attends. */
const DELTA_NET = {
  full_attention_interval: 4,
  linear_conv_kernel_dim: 4,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_num_key_heads: 16,
};

/** Dense models, and encoders. */
// prettier-ignore
const DENSE: readonly Row[] = [
  ['Llama-2-7B', 'inference-sim:llama-2-7b-hf', 'llama', [32, 4096, 32, 32, 11008, 32000, 4096]],
  ['Llama-2-13B', 'meta-llama/Llama-2-13b-hf', 'llama', [40, 5120, 40, 40, 13824, 32000, 4096]],
  ['Llama-2-70B', 'meta-llama/Llama-2-70b-hf', 'llama', [80, 8192, 64, 8, 28672, 32000, 4096]],
  ['CodeLlama-34B', 'inference-sim:codellama-34b-instruct-hf', 'llama', [48, 8192, 64, 8, 22016, 32000, 16384]],
  ['Llama-3-8B', 'meta-llama/Meta-Llama-3-8B', 'llama', [32, 4096, 32, 8, 14336, 128256, 8192]],
  ['Llama-3-70B', 'meta-llama/Meta-Llama-3-70B', 'llama', [80, 8192, 64, 8, 28672, 128256, 8192]],
  ['Llama-3.1-8B', 'inference-sim:llama-3.1-8b-instruct', 'llama', [32, 4096, 32, 8, 14336, 128256, 131072]],
  ['Llama-3.1-70B', 'inference-sim:llama-3.1-70b-instruct', 'llama', [80, 8192, 64, 8, 28672, 128256, 131072]],
  ['Llama-3.3-70B', 'meta-llama/Llama-3.3-70B-Instruct', 'llama', [80, 8192, 64, 8, 28672, 128256, 131072]],
  ['Llama-3.1-405B', 'meta-llama/Llama-3.1-405B', 'llama', [126, 16384, 128, 8, 53248, 128256, 131072]],
  ['Llama-3.1-405B-FP8', 'https://github.com/vllm-project/vllm/issues/6746 (the first release, with 16 key and value heads)', 'llama', [126, 16384, 128, 16, 53248, 128256, 131072], {}, 'FBGEMM_FP8'],
  ['Llama-3.2-1B', 'meta-llama/Llama-3.2-1B', 'llama', [16, 2048, 32, 8, 8192, 128256, 131072], { ...TIED, head_dim: 64 }],
  ['Llama-3.2-3B', LLM_PROF, 'llama', [28, 3072, 24, 8, 8192, 128256, 131072], { ...TIED, head_dim: 128 }],
  ['DeepSeek-R1-Distill-Llama-8B', 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B', 'llama', [32, 4096, 32, 8, 14336, 128256, 131072]],
  ['DeepSeek-R1-Distill-Llama-70B', 'deepseek-ai/DeepSeek-R1-Distill-Llama-70B', 'llama', [80, 8192, 64, 8, 28672, 128256, 131072]],
  ['DeepSeek-R1-Distill-Qwen-1.5B', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B', 'qwen2', [28, 1536, 12, 2, 8960, 151936, 131072]],
  ['DeepSeek-R1-Distill-Qwen-7B', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-7B', 'qwen2', [28, 3584, 28, 4, 18944, 152064, 131072]],
  ['DeepSeek-R1-Distill-Qwen-14B', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-14B', 'qwen2', [48, 5120, 40, 8, 13824, 152064, 131072]],
  ['DeepSeek-R1-Distill-Qwen-32B', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', 'qwen2', [64, 5120, 40, 8, 27648, 152064, 131072]],
  ['Mistral-7B-v0.1', 'mistralai/Mistral-7B-v0.1', 'mistral', [32, 4096, 32, 8, 14336, 32000, 32768], { sliding_window: 4096 }],
  ['Mistral-7B', 'mistralai/Mistral-7B-v0.3', 'mistral', [32, 4096, 32, 8, 14336, 32768, 32768]],
  ['Mistral-Nemo', 'inference-sim:mistral-nemo-instruct-2407', 'mistral', [40, 5120, 32, 8, 14336, 131072, 131072], { head_dim: 128 }],
  ['Mistral-Small-3.2-24B', 'mistralai/Mistral-Small-3.2-24B-Instruct-2506', 'mistral', [40, 5120, 32, 8, 32768, 131072, 131072], { head_dim: 128 }],
  ['Mistral-Small-24B', 'mistralai/Mistral-Small-24B-Instruct-2501', 'mistral', [40, 5120, 32, 8, 32768, 131072, 32768], { head_dim: 128 }],
  ['Qwen2-VL-2B', 'Qwen/Qwen2-VL-2B-Instruct', 'qwen2_vl', [28, 1536, 12, 2, 8960, 151936, 32768], { ...TIED }],
  ['Qwen2.5-0.5B', 'Qwen/Qwen2.5-0.5B-Instruct', 'qwen2', [24, 896, 14, 2, 4864, 151936, 32768], { ...TIED }],
  ['Qwen2.5-1.5B', 'Qwen/Qwen2.5-1.5B-Instruct', 'qwen2', [28, 1536, 12, 2, 8960, 151936, 32768], { ...TIED }],
  ['Qwen2.5-3B', LLM_PROF, 'qwen2', [36, 2048, 16, 2, 11008, 151936, 32768], { ...TIED }],
  ['Qwen2.5-7B', 'inference-sim:qwen2.5-7b-instruct', 'qwen2', [28, 3584, 28, 4, 18944, 152064, 32768]],
  ['Qwen2.5-14B', 'Qwen/Qwen2.5-14B-Instruct', 'qwen2', [48, 5120, 40, 8, 13824, 152064, 32768]],
  ['Qwen2.5-32B', 'Qwen/Qwen2.5-32B-Instruct', 'qwen2', [64, 5120, 40, 8, 27648, 152064, 32768]],
  ['Qwen2.5-72B', 'Qwen/Qwen2.5-72B-Instruct', 'qwen2', [80, 8192, 64, 8, 29568, 152064, 32768]],
  ['Qwen3-0.6B', 'Qwen/Qwen3-0.6B', 'qwen3', [28, 1024, 16, 8, 3072, 151936, 40960], { ...TIED, head_dim: 128 }],
  ['Qwen3-1.7B', 'Qwen/Qwen3-1.7B', 'qwen3', [28, 2048, 16, 8, 6144, 151936, 40960], { ...TIED, head_dim: 128 }],
  ['Qwen3-4B', LLM_PROF, 'qwen3', [36, 2560, 32, 8, 9728, 151936, 40960], { ...TIED, head_dim: 128 }],
  ['Qwen3-8B', LLM_PROF, 'qwen3', [36, 4096, 32, 8, 12288, 151936, 40960], { head_dim: 128 }],
  ['Qwen3-14B', 'inference-sim:qwen3-14b', 'qwen3', [40, 5120, 40, 8, 17408, 151936, 40960], { head_dim: 128 }],
  ['Qwen3-32B', LLM_PROF, 'qwen3', [64, 5120, 64, 8, 25600, 151936, 40960], { head_dim: 128 }],
  ['Yi-34B', 'inference-sim:yi-34b', 'llama', [60, 7168, 56, 8, 20480, 64000, 4096]],
  ['SmolLM2-360M', 'HuggingFaceTB/SmolLM2-360M-Instruct', 'llama', [32, 960, 15, 5, 2560, 49152, 8192], { ...TIED }],
  ['Phi-4', 'microsoft/phi-4', 'phi3', [40, 5120, 40, 10, 17920, 100352, 16384]],
  ['Gemma-2-2B', 'google/gemma-2-2b-it', 'gemma2', [26, 2304, 8, 4, 9216, 256000, 8192], { ...TIED, head_dim: 256, sliding_window: 4096 }],
  ['Gemma-2-9B', 'google/gemma-2-9b-it', 'gemma2', [42, 3584, 16, 8, 14336, 256000, 8192], { ...TIED, head_dim: 256, sliding_window: 4096 }],
  ['Gemma-2-27B', 'google/gemma-2-27b-it', 'gemma2', [46, 4608, 32, 16, 36864, 256000, 8192], { ...TIED, head_dim: 128, sliding_window: 4096 }],
  ['Gemma-3-1B', 'google/gemma-3-1b-it', 'gemma3_text', [26, 1152, 4, 1, 6912, 262144, 32768], { ...TIED, head_dim: 256, sliding_window: 512, sliding_window_pattern: 6 }],
  ['Gemma-3-4B', 'google/gemma-3-4b-it', 'gemma3_text', [34, 2560, 8, 4, 10240, 262208, 131072], { ...TIED, head_dim: 256, sliding_window: 1024, sliding_window_pattern: 6 }],
  ['Gemma-3-12B', 'google/gemma-3-12b-it', 'gemma3_text', [48, 3840, 16, 8, 15360, 262208, 131072], { ...TIED, head_dim: 256, sliding_window: 1024, sliding_window_pattern: 6 }],
  ['Gemma-3-27B', 'google/gemma-3-27b-it', 'gemma3_text', [62, 5376, 32, 16, 21504, 262208, 131072], { ...TIED, head_dim: 128, sliding_window: 1024, sliding_window_pattern: 6 }],
  ['bge-base-en-v1.5', 'BAAI/bge-base-en-v1.5', 'bert', [12, 768, 12, 12, 3072, 30522, 512], { ...TIED }],
  ['bge-large-en-v1.5', 'BAAI/bge-large-en-v1.5', 'bert', [24, 1024, 16, 16, 4096, 30522, 512], { ...TIED }],
  ['bge-m3', 'BAAI/bge-m3', 'xlm-roberta', [24, 1024, 16, 16, 4096, 250002, 8194], { ...TIED }],
];

/** Mixtures of experts. */
// prettier-ignore
const MIXTURES: readonly Row[] = [
  ['OLMoE', 'allenai/OLMoE-1B-7B-0924', 'olmoe', [16, 2048, 16, 16, 1024, 50304, 4096], { num_experts: 64, num_experts_per_tok: 8 }],
  ['Mixtral-8x7B', 'inference-sim:mixtral-8x7b-v0.1', 'mixtral', [32, 4096, 32, 8, 14336, 32000, 32768], { num_local_experts: 8, num_experts_per_tok: 2 }],
  ['Mixtral-8x22B', 'mistralai/Mixtral-8x22B-v0.1', 'mixtral', [56, 6144, 48, 8, 16384, 32000, 65536], { num_local_experts: 8, num_experts_per_tok: 2 }],
  ['Qwen3-30B-A3B', 'inference-sim:qwen3-30b-a3b', 'qwen3_moe', [48, 2048, 32, 4, 6144, 151936, 40960], { head_dim: 128, num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 }],
  ['Qwen3-235B-A22B', 'Qwen/Qwen3-235B-A22B', 'qwen3_moe', [94, 4096, 64, 4, 12288, 151936, 40960], { head_dim: 128, num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 1536 }],
  ['Qwen3-Coder-480B-A35B', 'Qwen/Qwen3-Coder-480B-A35B-Instruct', 'qwen3_moe', [62, 6144, 96, 8, 8192, 151936, 262144], { head_dim: 128, num_experts: 160, num_experts_per_tok: 8, moe_intermediate_size: 2560 }],
  ['gpt-oss-20b', 'openai/gpt-oss-20b', 'gpt_oss', [24, 2880, 64, 8, 2880, 201088, 131072], { head_dim: 64, num_local_experts: 32, num_experts_per_tok: 4, sliding_window: 128, sliding_window_pattern: 2 }, 'MXFP4'],
  ['gpt-oss-120b', 'openai/gpt-oss-120b', 'gpt_oss', [36, 2880, 64, 8, 2880, 201088, 131072], { head_dim: 64, num_local_experts: 128, num_experts_per_tok: 4, sliding_window: 128, sliding_window_pattern: 2 }, 'MXFP4'],
  ['Llama-4-Scout-17B-16E', 'inference-sim:llama-4-scout-17b-16e-instruct-fp8-dynamic', 'llama4_text', [48, 5120, 40, 8, 8192, 202048, 10485760], { head_dim: 128, num_local_experts: 16, num_experts_per_tok: 1, n_shared_experts: 1, attention_chunk_size: 8192, sliding_window_pattern: 4 }],
  ['DeepSeek-V2-Lite', 'inference-sim:deepseek-v2-lite', 'deepseek_v2', [27, 2048, 16, 16, 10944, 102400, 163840], { kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128, n_routed_experts: 64, n_shared_experts: 2, num_experts_per_tok: 6, moe_intermediate_size: 1408, first_k_dense_replace: 1 }],
  ['DeepSeek-V3', 'deepseek-ai/DeepSeek-V3', 'deepseek_v3', [61, 7168, 128, 128, 18432, 129280, 163840], { ...LATENT, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 3 }, 'FP8'],
  ['DeepSeek-R1', 'deepseek-ai/DeepSeek-R1', 'deepseek_v3', [61, 7168, 128, 128, 18432, 129280, 163840], { ...LATENT, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 3 }, 'FP8'],
  ['DeepSeek-V3.1', 'deepseek-ai/DeepSeek-V3.1', 'deepseek_v3', [61, 7168, 128, 128, 18432, 129280, 163840], { ...LATENT, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 3 }, 'FP8'],
  ['DeepSeek-V2', 'deepseek-ai/DeepSeek-V2', 'deepseek_v2', [60, 5120, 128, 128, 12288, 102400, 163840], { ...LATENT, n_routed_experts: 160, n_shared_experts: 2, num_experts_per_tok: 6, moe_intermediate_size: 1536, first_k_dense_replace: 1 }],
  ['Kimi-K2', 'moonshotai/Kimi-K2-Instruct', 'kimi_k2', [61, 7168, 64, 64, 18432, 163840, 131072], { ...LATENT, n_routed_experts: 384, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 1 }, 'FP8'],
  ['GLM-5.2', 'inference-sim:glm-5.2-fp8', 'glm_moe_dsa', [78, 6144, 64, 64, 12288, 154880, 1048576], { kv_lora_rank: 512, q_lora_rank: 2048, qk_rope_head_dim: 64, qk_nope_head_dim: 192, v_head_dim: 256, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 3 }, 'FP8'],
  ['GLM-4.5-Air', 'zai-org/GLM-4.5-Air', 'glm4_moe', [46, 4096, 96, 8, 10944, 151552, 131072], { head_dim: 128, n_routed_experts: 128, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 1408, first_k_dense_replace: 1 }],
];

/** Models whose layers differ: recurrent, convolving, or sharing another one's cache. */
// prettier-ignore
const HYBRID: readonly Row[] = [
  ['Qwen3-Next-80B-A3B', 'Qwen/Qwen3-Next-80B-A3B-Instruct', 'qwen3_next', [48, 2048, 16, 2, 5120, 151936, 262144], { ...DELTA_NET, head_dim: 256, linear_num_value_heads: 32, num_experts: 512, num_experts_per_tok: 10, moe_intermediate_size: 512, shared_expert_intermediate_size: 512 }],
  ['Qwen3.5-27B', 'Qwen/Qwen3.5-27B', 'qwen3_5_text', [64, 5120, 24, 4, 17408, 248320, 262144], { ...DELTA_NET, head_dim: 256, linear_num_value_heads: 48 }],
  ['Qwen3.6-27B', 'Qwen/Qwen3.6-27B', 'qwen3_5_text', [64, 5120, 24, 4, 17408, 248320, 262144], { ...DELTA_NET, head_dim: 256, linear_num_value_heads: 48 }],
  ['Qwen3.5-35B-A3B', 'Qwen/Qwen3.5-35B-A3B', 'qwen3_5_moe_text', [40, 2048, 16, 2, 512, 248320, 262144], { ...DELTA_NET, head_dim: 256, linear_num_value_heads: 32, num_experts: 256, num_experts_per_tok: 8, moe_intermediate_size: 512, shared_expert_intermediate_size: 512 }],
  ['Qwen3.6-35B-A3B', 'Qwen/Qwen3.6-35B-A3B', 'qwen3_5_moe_text', [40, 2048, 16, 2, 512, 248320, 262144], { ...DELTA_NET, head_dim: 256, linear_num_value_heads: 32, num_experts: 256, num_experts_per_tok: 8, moe_intermediate_size: 512, shared_expert_intermediate_size: 512 }],
  ['27B-MTP-draft-head', 'Qwen/Qwen3.5-27B', 'qwen3_5_text', [1, 5120, 24, 4, 17408, 248320, 262144], { head_dim: 256 }],
  ['LFM2-1.2B', 'LiquidAI/LFM2-1.2B', 'lfm2', [16, 2048, 32, 8, 8192, 65536, 128000], { ...TIED, full_attn_idxs: [2, 5, 8, 10, 12, 14], conv_L_cache: 3 }],
  ['Gemma-3n-E4B', 'google/gemma-3n-E4B-it', 'gemma3n_text', [35, 2048, 8, 2, 16384, 262400, 32768], { ...TIED, head_dim: 256, sliding_window: 512, sliding_window_pattern: 5, num_kv_shared_layers: 15 }],
  ['Gemma-3n-E2B', 'google/gemma-3n-E2B-it', 'gemma3n_text', [30, 2048, 8, 2, 8192, 262400, 32768], { ...TIED, head_dim: 256, sliding_window: 512, sliding_window_pattern: 5, num_kv_shared_layers: 10 }],
];

const ALL: readonly PublishedModel[] = [...DENSE, ...MIXTURES, ...HYBRID]
  .map(publishedFrom)
  .sort((one, other) => other.name.length - one.name.length);

/** The published model whose name stands in a longer one, the longest first: `meta-llama/Llama-3.1-8B-Instruct Q4_K_M`. */
export function publishedModel(name: string): PublishedModel | undefined {
  const plain = letters(name);
  return ALL.find((model) => plain.includes(letters(model.name)));
}

/** Letters and digits only: `Llama 3.1 8B` and `llama3.1-8b` are the same. */
function letters(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('meta-llama', 'llama')
    .replace(/[^a-z0-9]/g, '');
}

function publishedFrom([name, source, family, numbers, more = {}, quantisation]: Row): PublishedModel {
  const columns = Object.fromEntries(COLUMNS.map((column, at) => [column, numbers[at]]));
  return {
    name,
    source: addressOf(source),
    config: { model_type: family, ...columns, ...more },
    ...(quantisation === undefined ? {} : { quantisation }),
  };
}

function addressOf(source: string): string {
  if (source.startsWith('https:')) return source;
  if (source.startsWith('inference-sim:')) return `${source.replace('inference-sim:', INFERENCE_SIM)}/config.json`;
  return `https://huggingface.co/${source}/blob/main/config.json`;
}
