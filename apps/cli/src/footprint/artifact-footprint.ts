import { join } from 'node:path';
import {
  isCheckpoint,
  modelNameOf,
  parseArtifactReference,
  readCheckpoint,
  withHeader,
} from '@millrace/adapters/artifacts';
import { createLlamaCppDriver, readGgufFacts } from '@millrace/adapters/engines';
import {
  deviceFootprints,
  hostFootprint,
  shapeOfGguf,
  type LlamaCppSettings,
  type ModelShape,
} from '@millrace/domain/footprint';
import { readOptionalSettings, readSettings } from '@millrace/platform/config';
import { wrongUsage } from '../client/client-error.js';
import { footprintOfCheckpoint } from './checkpoint-footprint.js';
import { footprintAnswer, type FootprintAnswer } from './footprint-answer.js';
import type { FootprintOptions } from './footprint-command.js';

const DEFAULT_CONTEXT_LENGTH = 4096;
const READ_TIMEOUT_MS = 60_000;

/**
 * Reads an artifact's header and answers by llama.cpp's own plan where it can be had, else by the formula. Of a hub's
 * files the headers alone are fetched.
 */
export async function footprintOfArtifact(artifact: string, options: FootprintOptions): Promise<FootprintAnswer> {
  const hub = hubOptions();
  if (await isCheckpoint(artifact))
    return footprintOfCheckpoint(artifact, await readCheckpoint(artifact, hub), options);
  if (parseArtifactReference(artifact).kind === 'simulated') {
    throw wrongUsage(`${artifact} has no weights; its footprint is what its engineOptions say.`);
  }
  refuseSettings(options);
  const planned = options.device === 'cpu' && options.formula !== true && isUsual(options);
  return withHeader(artifact, hub, (path) =>
    planned ? plannedBy(artifact, path, options) : computedFrom(artifact, path, options),
  );
}

function refuseSettings({ cacheType, device, devices = 1 }: FootprintOptions): void {
  if (cacheType === 'fp8') throw wrongUsage('llama.cpp has no cache of the type fp8; expected f16, q8_0 or q4_0.');
  if (device === 'cpu' && devices > 1) throw wrongUsage('--devices counts GPUs; add --device gpu.');
}

/** The embedded engine plans what it would load: an F16 cache, and flash attention. */
function isUsual({ cacheType, flashAttention }: FootprintOptions): boolean {
  return cacheType === 'f16' && flashAttention;
}

async function plannedBy(artifact: string, path: string, options: FootprintOptions): Promise<FootprintAnswer> {
  const plan = await createLlamaCppDriver().estimate({
    modelName: modelNameOf(artifact),
    artifactPath: path,
    ...(options.context === undefined ? {} : { contextLength: options.context }),
    ...(options.slots === undefined ? {} : { slots: options.slots }),
    engineOptions: { batchSize: options.batch },
  });
  const { weightsBytes, kvBytes, computeBytes, overheadBytes, contextLength, slots } = plan;
  return footprintAnswer({
    engine: 'llama-cpp',
    model: modelNameOf(artifact),
    tier: 'engine_dry_run',
    perDevice: [{ weightsBytes, kvBytes, computeBytes, stateBytes: 0, extraBytes: 0, contextBytes: overheadBytes }],
    contextLength,
    slots,
    assumptions: ['one CPU device; kvBytes holds recurrent state too'],
  });
}

async function computedFrom(artifact: string, path: string, options: FootprintOptions): Promise<FootprintAnswer> {
  const shape = shapeOfGguf(await readGgufFacts(path, AbortSignal.timeout(READ_TIMEOUT_MS)));
  const settings = settingsOf(shape, options);
  const { contextLength, slots } = settings;
  return footprintAnswer({
    engine: 'llama-cpp',
    model: modelNameOf(artifact),
    tier: 'formula',
    perDevice: settings.onHost ? [hostFootprint(shape, settings)] : deviceFootprints(shape, settings),
    contextLength,
    slots,
    assumptions: [placeText(options)],
  });
}

function placeText({ device, devices = 1 }: FootprintOptions): string {
  if (devices === 1) return `one ${device.toUpperCase()} device, all layers on it`;
  return `all layers on ${devices} GPU devices, split evenly`;
}

function settingsOf(shape: ModelShape, options: FootprintOptions): LlamaCppSettings {
  const type = options.cacheType.toUpperCase();
  const trained = shape.trainedContextLength ?? DEFAULT_CONTEXT_LENGTH;
  return {
    contextLength: options.context ?? Math.min(DEFAULT_CONTEXT_LENGTH, trained),
    slots: options.slots ?? 1,
    microBatch: options.batch,
    keyType: type,
    valueType: type,
    unified: false,
    flashAttention: options.flashAttention,
    onHost: options.device === 'cpu',
    shares: Array.from({ length: options.devices ?? 1 }, () => 1),
  };
}

/** Downloads that runners keep are looked at too, where they keep them as `npm start` does. */
function hubOptions(): Parameters<typeof withHeader>[1] {
  const { MILLRACE_HUB_URL: hubUrl, MILLRACE_HUB_TOKEN: hubToken } = readSettings([
    'MILLRACE_HUB_URL',
    'MILLRACE_HUB_TOKEN',
  ]);
  const folders = readOptionalSettings(['MILLRACE_CACHE', 'MILLRACE_HOME']);
  return {
    cacheFolder: folders.MILLRACE_CACHE ?? join(folders.MILLRACE_HOME ?? '.millrace', 'artifacts'),
    hubUrl,
    hubToken,
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
  };
}
