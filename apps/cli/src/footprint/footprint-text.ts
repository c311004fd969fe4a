import type { FootprintAnswer } from './footprint-answer.js';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** Bytes for people: MiB below one GiB. */
export function gibibytes(bytes: number): string {
  return bytes < GIBIBYTE ? `${(bytes / MEBIBYTE).toFixed(1)} MiB` : `${(bytes / GIBIBYTE).toFixed(2)} GiB`;
}

/** An answer for people: one line for each part, then what it rests on. */
export function answerText(answer: FootprintAnswer): string {
  const { margin, perDevice } = answer;
  const parts: [string, number][] = [
    ['weights', answer.weightsBytes],
    ['KV cache', answer.kvBytes],
    ['recurrent state', answer.stateBytes],
    ['computation', answer.computeBytes],
    ['projector, adapters', answer.extraBytes],
    ['total', answer.totalBytes],
    ['process', answer.overheadBytes],
    ['needed with margin', answer.neededBytes],
  ];
  const lines = [
    `${answer.model} on ${answer.engine}: ${answer.tier}, margin ${(100 * margin.share).toFixed(0)} % and ${gibibytes(margin.bytes)} a device`,
    ...parts
      .filter(([, bytes]) => bytes > 0)
      .map(([what, bytes]) => `  ${what.padEnd(22)}${gibibytes(bytes).padStart(12)}`),
    ...(perDevice.length === 1
      ? []
      : perDevice.map((one) => `  device ${one.device}: ${gibibytes(one.neededBytes)} needed`)),
    ...capacityLines(answer),
    ...answer.assumptions.map((assumption) => `  assumed: ${assumption}`),
  ];
  return `${lines.join('\n')}\n`;
}

function capacityLines({ contextLength, slots, kvTokens, gpuMemoryUtilization }: FootprintAnswer): string[] {
  return [
    ...(contextLength === undefined ? [] : [`  ${slots ?? 1} slots of ${contextLength} tokens`]),
    ...(kvTokens === undefined ? [] : [`  the cache holds ${kvTokens} tokens`]),
    ...(gpuMemoryUtilization === undefined ? [] : [`  gpu_memory_utilization ${gpuMemoryUtilization.toFixed(4)}`]),
  ];
}
