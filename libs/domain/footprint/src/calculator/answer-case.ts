import { totalOf, type DeviceBytes } from '../memory/device-bytes.js';
import { deviceFootprints, hostFootprint, type LlamaCppSettings } from '../memory/llama-cpp-footprint.js';
import { cacheTokens, utilisationFor, vllmFootprint, type VllmSettings } from '../memory/vllm-footprint.js';
import { isValueType, type ValueType } from '../quantisation.js';
import type { ModelShape } from '../shape/model-shape.js';
import { modelOfCase } from './case-model.js';
import { CaseValues, FootprintCaseError, type FootprintCase } from './footprint-case.js';

const DEFAULT_CONTEXT = 4096;
const DEFAULT_MICRO_BATCH = 512;
const TYPE_OF_BYTES: Readonly<Record<number, ValueType>> = { 1: 'F8_E4M3', 2: 'F16', 4: 'F32' };

/** The formula's answer, before any margin. */
export interface CaseAnswer {
  perDevice: DeviceBytes[];
  /** Of vLLM: tokens that the cache holds, and the utilisation that leaves the engine this much. */
  kvTokens?: number;
  utilisation?: number;
  assumptions: string[];
}

/** Answers a case by the formulas. Throws FootprintCaseError where it says too little or something wrong. */
export function answerCase(question: FootprintCase): CaseAnswer {
  const { shape, assumptions } = modelOfCase(question);
  const values = new CaseValues(question.config, 'config');
  const ranks = values.number('tp', 'tensor_parallel', 'tensor_parallel_size') ?? 1;
  checkRanks(shape, ranks);
  return question.engine === 'vllm' || ranks > 1
    ? answerVllm(shape, vllmSettings(values, ranks), assumptions)
    : answerLlamaCpp(shape, values, assumptions);
}

function answerLlamaCpp(shape: ModelShape, values: CaseValues, assumptions: string[]): CaseAnswer {
  const settings = llamaCppSettings(shape, values);
  return {
    perDevice: settings.onHost ? [hostFootprint(shape, settings)] : deviceFootprints(shape, settings),
    assumptions,
  };
}

function answerVllm(shape: ModelShape, settings: VllmSettings, assumptions: string[]): CaseAnswer {
  const each = vllmFootprint(shape, settings);
  const total = settings.device?.totalBytes;
  return {
    perDevice: Array.from({ length: settings.ranks }, () => each),
    kvTokens: cacheTokens(shape, settings, each.kvBytes),
    ...(total === undefined ? {} : { utilisation: utilisationFor(totalOf(each), total) }),
    assumptions,
  };
}

/** Settings of llama.cpp that a case names; `ctx` is what each of `parallel` slots holds. */
function llamaCppSettings(shape: ModelShape, values: CaseValues): LlamaCppSettings {
  const devices = values.number('devices', 'gpus') ?? 1;
  const shares = values.numbers('tensor_split', 'tensor_split_mib') ?? Array.from({ length: devices }, () => 1);
  const offloaded = values.number('offload_layers', 'n_gpu_layers', 'ngl') ?? offloadedWord(values.text('offloaded'));
  const [projectorBytes, adapterBytes] = [
    values.number('mmproj_bytes', 'projector_bytes'),
    values.number('lora_bytes'),
  ];
  return {
    contextLength: contextOf(shape, values),
    slots: values.number('parallel', 'slots', 'n_parallel', 'parallel_assumed') ?? 1,
    microBatch: values.number('ubatch', 'n_ubatch', 'micro_batch', 'batch') ?? DEFAULT_MICRO_BATCH,
    keyType: cacheType(values, 'cache_type_k'),
    valueType: cacheType(values, 'cache_type_v'),
    unified: values.flag('kv_unified', 'unified') ?? false,
    flashAttention: values.flag('flash_attention', 'flash_attn') ?? true,
    onHost: values.text('device') === 'cpu',
    shares,
    ...(offloaded === undefined ? {} : { offloadedLayers: offloaded }),
    ...(projectorBytes === undefined ? {} : { projectorBytes }),
    ...(adapterBytes === undefined ? {} : { adapterBytes }),
  };
}

function vllmSettings(values: CaseValues, ranks: number): VllmSettings {
  const totalBytes = values.number('gpu_total_bytes');
  const utilisation = values.number('gpu_memory_utilization');
  const learned = {
    activationBytes: values.number('activation_peak_bytes'),
    nonTorchBytes: values.number('non_torch_bytes'),
    weightsBytes: values.number('weights_bytes_per_rank'),
  };
  return {
    ranks,
    contextLength: values.number('ctx', 'max_model_len', 'context', 'ctx_implied') ?? DEFAULT_CONTEXT,
    slots: values.number('parallel', 'slots') ?? 1,
    cacheType: cacheType(values, 'kv_cache_dtype'),
    blockTokens: values.number('block_size') ?? 16,
    maxSequences: values.number('max_num_seqs') ?? 1024,
    maxBatchedTokens: values.number('max_num_batched_tokens') ?? 8192,
    ...(totalBytes === undefined ? {} : { device: { totalBytes, utilisation: utilisation ?? 0.9 } }),
    learned: Object.fromEntries(Object.entries(learned).filter(([, bytes]) => bytes !== undefined)),
  };
}

function contextOf(shape: ModelShape, values: CaseValues): number {
  const stated = values.number('ctx', 'context', 'ctx_implied', 'n_ctx', 'max_model_len');
  return stated ?? Math.min(DEFAULT_CONTEXT, shape.trainedContextLength ?? DEFAULT_CONTEXT);
}

function cacheType(values: CaseValues, ownKey: string): ValueType {
  const bytes = values.number('kv_dtype_bytes');
  const word = values.text(ownKey, 'kv_type', 'cache_type', 'kv_cache_type', 'kv_dtype') ?? TYPE_OF_BYTES[bytes ?? 2];
  const type = (word ?? '')
    .toUpperCase()
    .replace(/^(AUTO|FP16|FLOAT16|BFLOAT16)$/, 'F16')
    .replace(/^FP8.*$/, 'F8_E4M3');
  if (isValueType(type)) return type;
  throw new FootprintCaseError(
    `The cache type "${word ?? String(bytes)}" is not known; expected one such as f16, q8_0 or q4_0.`,
  );
}

/** llama.cpp's own words: `20/33`. */
function offloadedWord(word: string | undefined): number | undefined {
  const layers = /^(\d+)\/\d+$/.exec(word ?? '')?.[1];
  return layers === undefined ? undefined : Number(layers);
}

function checkRanks({ width }: ModelShape, ranks: number): void {
  if (Number.isInteger(ranks) && ranks > 0 && width.heads % ranks === 0) return;
  throw new FootprintCaseError(
    `"config.tp" is ${ranks}; it has to divide the ${width.heads} attention heads of the model into equal parts.`,
  );
}
