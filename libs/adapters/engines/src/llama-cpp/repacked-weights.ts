import { GgmlType } from 'node-llama-cpp';
import type { GgufTensorInfo } from 'node-llama-cpp';
import { tensorBytes } from '@millrace/domain/footprint';
import type { ArtifactHeader } from './artifact-header.js';

/** Types that llama.cpp copies into a layout of their own on every CPU, and those it copies only on arm64. */
const REPACKED = [GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q2_K, GgmlType.IQ4_NL, GgmlType.MXFP4];
const REPACKED_ON_ARM = [GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.Q8_0];
/** That layout holds so many rows side by side. */
const ROWS_TOGETHER = { arm64: 4, other: 8 };

/**
 * Bytes that a CPU holds beyond the tensors of the file, or fewer where it maps less than all of it: some quantised
 * matrices are copied into a layout of their own, and of the file llama.cpp maps what lies between the first and the
 * last tensor that was not. Source: `ggml_repack_get_optimal_repack_type` and `load_all_data` in llama.cpp.
 */
export function repackedBytes({ file }: ArtifactHeader): number {
  const tensors = file.fullTensorInfo ?? [];
  const parts = [...new Set(tensors.map(({ filePart }) => filePart))];
  const unmapped = parts.map((part) => unmappedBytes(tensors.filter(({ filePart }) => filePart === part)));
  return sum(tensors.filter(isCopied).map(bytesOf)) + copyOfTiedEmbedding(tensors) - sum(unmapped);
}

/** Of one file, the copied tensors before the first one that stays where it is, and behind the last. */
function unmappedBytes(tensors: readonly GgufTensorInfo[]): number {
  const kept = tensors.filter((tensor) => !isCopied(tensor)).map(({ fileOffset }) => Number(fileOffset));
  const [first, last] = [Math.min(...kept), Math.max(...kept)];
  const outside = ({ fileOffset }: GgufTensorInfo) => Number(fileOffset) < first || Number(fileOffset) > last;
  return sum(tensors.filter((tensor) => isCopied(tensor) && outside(tensor)).map(bytesOf));
}

/** An embedding is read row by row, as it is; one that ends the model too is multiplied, from a copy. */
function copyOfTiedEmbedding(tensors: readonly GgufTensorInfo[]): number {
  const embedding = tensors.find(({ name }) => name === 'token_embd.weight');
  const tied = !tensors.some(({ name }) => name === 'output.weight');
  return embedding !== undefined && tied && isRepackable(embedding) ? bytesOf(embedding) : 0;
}

/** Whether it is a matrix, or the matrices of a layer's experts, that a step multiplies by. */
function isCopied(tensor: GgufTensorInfo): boolean {
  const dimensions = tensor.name.includes('_exps') ? 3 : 2;
  return tensor.dimensions.length === dimensions && !tensor.name.startsWith('token_embd') && isRepackable(tensor);
}

function isRepackable({ ggmlType, dimensions: [, rows = 1] }: GgufTensorInfo): boolean {
  const onArm = process.arch === 'arm64';
  const types = onArm ? [...REPACKED, ...REPACKED_ON_ARM] : REPACKED;
  return types.includes(ggmlType) && Number(rows) % (onArm ? ROWS_TOGETHER.arm64 : ROWS_TOGETHER.other) === 0;
}

function bytesOf({ dimensions, ggmlType }: GgufTensorInfo): number {
  return tensorBytes(dimensions.map(Number), GgmlType[ggmlType]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
