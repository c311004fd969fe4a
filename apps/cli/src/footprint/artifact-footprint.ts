import { hubFileUrl, modelNameOf, parseArtifactReference } from '@millrace/adapters/artifacts';
import { createLlamaCppDriver, readGgufFacts, type GgufPlace } from '@millrace/adapters/engines';
import {
  deviceFootprints,
  hostFootprint,
  shapeOfGguf,
  type LlamaCppSettings,
  type ModelShape,
} from '@millrace/domain/footprint';
import { readSettings } from '@millrace/platform/config';
import { wrongUsage } from '../client/client-error.js';
import { footprintAnswer, type FootprintAnswer } from './footprint-answer.js';
import type { FootprintOptions } from './footprint-command.js';

const DEFAULT_CONTEXT_LENGTH = 4096;
const READ_TIMEOUT_MS = 60_000;

/** Reads an artifact's header and answers by llama.cpp's own plan where it can be had, else by the formula. */
export async function footprintOfArtifact(artifact: string, options: FootprintOptions): Promise<FootprintAnswer> {
  const place = placeOf(artifact);
  const planned = 'path' in place && options.device === 'cpu' && options.formula !== true && isUsual(options);
  return planned ? plannedBy(artifact, place.path, options) : computedFrom(artifact, place, options);
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

async function computedFrom(artifact: string, place: GgufPlace, options: FootprintOptions): Promise<FootprintAnswer> {
  const shape = shapeOfGguf(await readGgufFacts(place, AbortSignal.timeout(READ_TIMEOUT_MS)));
  const settings = settingsOf(shape, options);
  const { contextLength, slots } = settings;
  return footprintAnswer({
    engine: 'llama-cpp',
    model: modelNameOf(artifact),
    tier: 'formula',
    perDevice: settings.onHost ? [hostFootprint(shape, settings)] : deviceFootprints(shape, settings),
    contextLength,
    slots,
    assumptions: [`one ${options.device.toUpperCase()} device, all layers on it`],
  });
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
    shares: [1],
  };
}

function placeOf(artifact: string): GgufPlace {
  const reference = parseArtifactReference(artifact);
  switch (reference.kind) {
    case 'local':
      return { path: reference.path };
    case 'simulated':
      throw wrongUsage(`${artifact} has no weights; its footprint is what its engineOptions say.`);
    case 'hub': {
      const settings = readSettings(['MILLRACE_HUB_URL', 'MILLRACE_HUB_TOKEN']);
      const { MILLRACE_HUB_TOKEN: token } = settings;
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return { url: hubFileUrl(settings.MILLRACE_HUB_URL, reference).href, headers };
    }
  }
}
