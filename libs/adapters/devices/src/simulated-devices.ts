import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ObservedDevice } from './read-devices.js';

/** Says in one sentence what is wrong with a devices file and what was expected. */
class DevicesFileError extends Error {
  override readonly name = 'DevicesFileError';
}

/** Reports devices that do not exist; `heldBytes` is what the runner's replicas hold on the device with that key. */
export type SimulatedDevices = (heldBytes: (deviceKey: string) => number) => ObservedDevice[];

const bytes = z.int().min(0);
const memory = z
  .object({ total: bytes.min(1), used: bytes })
  .refine(({ total, used }) => used <= total, { error: 'used is more than total' });
const gpu = memory.and(
  z.object({ index: bytes, type: z.string().regex(/^[a-z0-9-]+$/, { error: 'expected a name' }) }),
);
const devicesFileSchema = z.object({
  memory,
  gpus: z
    .array(gpu)
    .refine((gpus) => new Set(gpus.map(({ index }) => index)).size === gpus.length, { error: 'an index stands twice' }),
});

/**
 * Reads a file that describes a machine: `memory` and `gpus` with bytes `total` and `used`, as in GPUStack's recorded
 * inventories. A machine without GPUs has its CPU as its device. Throws DevicesFileError.
 */
export async function simulateDevices(path: string): Promise<SimulatedDevices> {
  const devices = devicesOf(parse(await read(path), path));
  return (heldBytes) =>
    devices.map(({ unusedBytes, ...device }) => ({
      ...device,
      freeBytes: Math.max(0, unusedBytes - heldBytes(device.deviceKey)),
    }));
}

function devicesOf(file: z.infer<typeof devicesFileSchema>) {
  if (file.gpus.length === 0) return [{ deviceKey: 'cpu', deviceType: 'cpu', ...sizesOf(file.memory) }];
  return file.gpus.map((gpu) => ({
    deviceKey: `${gpu.type}-${String(gpu.index)}`,
    deviceType: gpu.type,
    ...sizesOf(gpu),
  }));
}

/** `used` belongs to programs that are not ours. */
function sizesOf({ total, used }: { total: number; used: number }): { totalBytes: number; unusedBytes: number } {
  return { totalBytes: total, unusedBytes: total - used };
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new DevicesFileError(`The devices file ${path} cannot be read (${error.code ?? 'unknown'}).`);
  });
}

function parse(text: string, path: string): z.infer<typeof devicesFileSchema> {
  const parsed = devicesFileSchema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  throw new DevicesFileError(
    `The devices file ${path} is not valid: ${field}: ${issue?.message ?? 'unreadable'}. ` +
      'Expected one machine as JSON: {"memory":{"total":…,"used":…},"gpus":[{"index":0,"type":"cuda","total":…,"used":…}]}, in bytes.',
  );
}

/** Undefined when the text is no JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
