import { GgmlType } from 'node-llama-cpp';
import type { GgufFileInfo } from 'node-llama-cpp';
import type { GgufFacts } from '@millrace/domain/footprint';

/** What a footprint depends on, from the header of a file. */
export function ggufFacts(file: GgufFileInfo): GgufFacts {
  const { architecture } = file.metadata.general;
  const own = (file.metadata as unknown as Record<string, unknown>)[architecture];
  return {
    architecture,
    metadata: flattened(own),
    vocabulary: file.metadata.tokenizer?.ggml?.tokens?.length ?? 0,
    tensors: (file.fullTensorInfo ?? []).map(({ name, ggmlType, dimensions }) => ({
      name,
      type: GgmlType[ggmlType],
      dimensions: dimensions.map(Number),
    })),
  };
}

/** Nested keys as they stand in the file: `attention.head_count`. */
function flattened(value: unknown, prefix = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.entries(flattened(member, `${prefix}${key}.`))
      : [[`${prefix}${key}`, member]],
  );
  return Object.fromEntries(entries);
}
