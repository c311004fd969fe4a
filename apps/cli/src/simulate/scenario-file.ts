import { parse } from 'yaml';
import { z } from 'zod';
import type { Scenario, SimulatedModel } from '@millrace/domain/simulation';
import { wrongUsage } from '../client/client-error.js';

const positive = z.coerce.number().positive();
const notNegative = z.coerce.number().min(0);
const count = z.coerce.number().int().min(1).max(1_000);

const modelSchema = z.object({
  name: z.string().min(1).optional(),
  count: count.default(1),
  weightsBytes: positive,
  kvBudgetBytes: positive,
  overheadBytes: notNegative.default(1.5e9),
  kvBytesPerToken: positive,
  prefillTokensPerSecond: positive,
  decodeSecondsBase: positive,
  decodeSecondsPerSequence: notNegative,
  slots: count,
  deviceCount: count.default(1),
});

const scenarioSchema = z.object({
  seed: z.number().int().min(0).max(999_999_999).default(1),
  fleet: z.object({
    runners: count.default(1),
    devicesPerRunner: count,
    device: z.object({ type: z.string().min(1), totalBytes: positive, reserveBytes: notNegative.default(0) }),
    load: z.object({
      vramBytesPerSecond: positive,
      diskBytesPerSecond: positive,
      processStartSeconds: notNegative,
      unloadSeconds: notNegative,
      hostCacheBytes: notNegative,
    }),
  }),
  models: z.array(modelSchema).min(1),
  popularity: z.object({
    zipfExponent: notNegative,
    driftEveryMinutes: positive.default(10),
    driftSwaps: z.number().int().min(0).default(0),
  }),
  requests: z.object({ loadFactors: z.array(positive.max(1_000)).min(1).default([1]) }).default({ loadFactors: [1] }),
  limits: z.object({ ttftSeconds: positive, tokenSeconds: positive }),
  bounds: z.object({ coldModelWaitSeconds: positive }),
});

/** A scenario as its file says it. */
export interface ScenarioFile {
  scenario: Scenario;
  seed: number;
  loadFactors: readonly number[];
}

/** Reads the YAML of a scenario, or says which field is wrong. */
export function readScenario(text: string, path: string): ScenarioFile {
  const read = scenarioSchema.safeParse(yamlOf(text, path));
  if (!read.success) {
    const lines = read.error.issues.map(({ path: at, message }) => `  ${at.join('.') || '(the file)'}: ${message}`);
    throw wrongUsage(`${path} is no scenario (docs/simulate.md lists the fields):\n${lines.join('\n')}`);
  }
  const { seed, fleet, models, popularity, requests, limits, bounds } = read.data;
  const { device, ...shape } = fleet;
  const scenario: Scenario = {
    fleet: { ...shape, deviceType: device.type, totalBytes: device.totalBytes, reserveBytes: device.reserveBytes },
    models: models.flatMap((model, group) => namedModels(model, group, models.length)),
    popularity: {
      zipfExponent: popularity.zipfExponent,
      driftEverySeconds: 60 * popularity.driftEveryMinutes,
      driftSwaps: popularity.driftSwaps,
    },
    limits,
    coldWaitSeconds: bounds.coldModelWaitSeconds,
  };
  for (const model of scenario.models) refuseWhatNeverFits(model, scenario, path);
  return { scenario, seed, loadFactors: requests.loadFactors };
}

function yamlOf(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw wrongUsage(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function namedModels(model: z.infer<typeof modelSchema>, group: number, groups: number): SimulatedModel[] {
  const { name, count: copies, kvBudgetBytes, ...rest } = model;
  const stem = name ?? (groups === 1 ? 'model' : `model-${String.fromCharCode(97 + (group % 26))}`);
  return Array.from({ length: copies }, (_each, index) => ({
    ...rest,
    name: copies === 1 ? stem : `${stem}-${index + 1}`,
    kvCacheBytes: kvBudgetBytes,
  }));
}

function refuseWhatNeverFits(model: SimulatedModel, { fleet }: Scenario, path: string): void {
  const need = (model.weightsBytes + model.kvCacheBytes) / model.deviceCount + model.overheadBytes;
  // The planner sets a margin of 2 % aside.
  const room = (fleet.totalBytes - fleet.reserveBytes) / 1.02;
  if (need <= room && model.deviceCount <= fleet.devicesPerRunner) return;
  const has = `a runner has ${fleet.devicesPerRunner} with room for ${(room / 1e9).toFixed(1)} GB each`;
  throw wrongUsage(
    `${path}: ${model.name} needs ${(need / 1e9).toFixed(1)} GB on ${model.deviceCount} devices of one runner, and ${has}.`,
  );
}
