import { readCase } from '@millrace/domain/footprint';
import { wrongUsage } from '../client/client-error.js';
import { footprintOfCase } from './case-footprint.js';
import type { FootprintAnswer } from './footprint-answer.js';
import type { FootprintOptions } from './footprint-command.js';

/** Cache types of vLLM, by the names that options give them. */
const CACHE_TYPES: Readonly<Record<string, string>> = { f16: 'f16', fp8: 'fp8' };

/** What vLLM needs for a checkpoint, by the formula. */
export function footprintOfCheckpoint(
  name: string,
  { config, weightsBytes }: { config: Readonly<Record<string, unknown>>; weightsBytes: number },
  options: FootprintOptions,
): FootprintAnswer {
  const cacheType = CACHE_TYPES[options.cacheType];
  if (cacheType === undefined) {
    throw wrongUsage(`vLLM has no cache of the type ${options.cacheType}; expected f16 or fp8 for ${name}.`);
  }
  const question = readCase({
    engine: 'vllm',
    model: { config, weights_bytes: weightsBytes },
    config: {
      ...(options.context === undefined ? {} : { ctx: options.context }),
      parallel: options.slots ?? 1,
      tp: options.devices ?? 1,
      kv_type: cacheType,
    },
  });
  return { ...footprintOfCase(question), model: name };
}
