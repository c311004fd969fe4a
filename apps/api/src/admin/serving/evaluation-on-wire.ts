import type { CatalogueModel } from '@millrace/adapters/postgres';
import { neededBytes } from '@millrace/domain/footprint';
import type { DeviceVerdict, Evaluation, SnapshotFootprint } from '@millrace/domain/placement';
import type { EvaluationOnWire } from './evaluation-schema.js';
import type { PlanWriter } from './plan-on-wire.js';

/** The best first. */
const FITS = ['now', 'when_empty', 'unknown', 'never'] as const;

/** Writes an evaluation for people and programs. */
export function evaluationOnWire(
  { id: modelId, name: model }: CatalogueModel,
  { evaluation, writer, atMs }: { evaluation: Evaluation; writer: PlanWriter; atMs: number },
): EvaluationOnWire {
  const { devices, unnamedDevices } = evaluation;
  const fits = FITS.find((each) => devices.some((device) => device.fits === each)) ?? 'unknown';
  const shown = devices.map((device) => deviceOnWire(device, writer));
  const estimate = evaluation.estimate.map((each) => writer.estimate(each));
  return {
    ...{ modelId, model, at: new Date(atMs).toISOString(), fits },
    message: inWords(fits, shown, estimate),
    footprints: evaluation.footprints.map(footprintOnWire),
    ...{ devices: shown, unnamedDevices, estimate },
  };
}

function inWords(
  fits: EvaluationOnWire['fits'],
  devices: EvaluationOnWire['devices'],
  estimate: EvaluationOnWire['estimate'],
): string {
  const like = devices.filter((device) => device.fits === fits);
  const counted = `${String(like.length)} of ${String(devices.length)} devices`;
  const [first] = like;
  switch (fits) {
    case 'now':
      return `A replica fits on ${counted} now.`;
    case 'when_empty':
      return `A replica fits on no device now, and on ${counted} once others have gone: ${first?.message ?? ''}.`;
    case 'never':
      return `No device could ever hold it: ${first?.message ?? ''}.`;
    case 'unknown': {
      if (first === undefined) return 'No runner has offered a device yet.';
      const asked = estimate[0]?.runner ?? 'a runner';
      return `Nobody knows yet how much it takes: deploy it, with minReplicas 0 to load nothing, and ${asked} is asked.`;
    }
  }
}

function deviceOnWire(
  { runner, device, fits, needBytes, rejection }: DeviceVerdict,
  writer: PlanWriter,
): EvaluationOnWire['devices'][number] {
  const { deviceKey, deviceType, totalBytes, freeBytes } = device;
  const { reason, message, numbers } = rejection === undefined ? {} : writer.rejection(rejection);
  return {
    ...{ runnerId: runner.runnerId, runner: runner.name, deviceKey, deviceType, totalBytes, freeBytes, fits },
    ...(needBytes !== undefined && { needBytes }),
    ...(reason !== undefined && { reason, message, numbers }),
  };
}

const NOTHING = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };

function footprintOnWire(known: SnapshotFootprint): EvaluationOnWire['footprints'][number] {
  const { deviceType, deviceCount = 1 } = known;
  if (known.outcome === 'failed') {
    const none = { ...NOTHING, needBytes: 0, contextLength: 0, slots: 0 };
    return { deviceType, deviceCount, basis: null, ...none, failure: known.failure };
  }
  const { footprint, contextLength, slots } = known;
  return {
    ...{ deviceType, deviceCount, basis: footprint.basis, ...footprint.breakdown },
    ...{ needBytes: neededBytes(footprint), contextLength, slots, failure: null },
  };
}
