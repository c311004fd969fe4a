import { withHeader } from '@millrace/adapters/artifacts';
import type { EngineDriver, FootprintBreakdown } from '@millrace/adapters/engines';
import {
  EstimateBasis,
  type EstimateFootprint,
  type FootprintEstimate,
  type ReplicaSpec,
} from '@millrace/contracts/runner-protocol';
import { z } from 'zod';
import type { ReplicaTools } from './hosted-replica.js';
import { whyNotOn } from './observe-devices.js';
import { replicaSettings } from './replica-settings.js';

/** All but the question that it answers. */
type Estimate = Omit<FootprintEstimate, 'estimateId'>;

/** For all parts of a header together. */
const READ_TIMEOUT_MS = 120_000;

const NOTHING: Estimate = {
  error: '',
  ...{ weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0, contextLength: 0, slots: 0 },
  basis: EstimateBasis.ESTIMATE_BASIS_UNSPECIFIED,
  engineVersion: '',
};

const claimSchema = z.looseObject({ footprintBytes: z.int().min(1).optional() });

/** What a replica would take of one device: as its engine plans or the formula says, else as the operator claims. */
export async function estimateFootprint(
  { spec, deviceType, deviceCount, offloaded }: Omit<EstimateFootprint, 'estimateId'>,
  tools: ReplicaTools,
): Promise<Estimate> {
  const driver = tools.drivers.get(spec?.engine ?? '');
  if (spec === undefined || driver === undefined) {
    return { ...NOTHING, error: `This runner has no engine "${spec?.engine ?? ''}".` };
  }
  const refusal = whyNotOn(deviceType, spec.engine);
  if (refusal !== undefined) return { ...NOTHING, error: refusal };
  if (deviceCount > 1 || offloaded) {
    return { ...NOTHING, error: `The engine "${spec.engine}" of this runner loads a replica on one device only.` };
  }
  try {
    return fromEngine(await askEngine(driver, spec, tools));
  } catch (error) {
    const claimedBytes = claimOf(spec);
    tools.logger.warn({ err: error, artifact: spec.artifact, claimedBytes }, 'the footprint cannot be estimated');
    if (claimedBytes !== undefined) return fromClaim(spec, claimedBytes);
    return { ...NOTHING, error: error instanceof Error ? error.message : String(error) };
  }
}

/** The weights stay where they are: the engine sees the header alone. */
function askEngine(driver: EngineDriver, spec: ReplicaSpec, { artifacts }: ReplicaTools): Promise<FootprintBreakdown> {
  const options = { ...artifacts, signal: AbortSignal.timeout(READ_TIMEOUT_MS) };
  return withHeader(spec.artifact, options, (path) => driver.estimate(replicaSettings(spec, path)));
}

function fromEngine({ basis, ...estimate }: FootprintBreakdown): Estimate {
  return { ...NOTHING, ...estimate, basis: BASES[basis] };
}

const BASES: Readonly<Record<FootprintBreakdown['basis'], EstimateBasis>> = {
  engine_dry_run: EstimateBasis.ESTIMATE_BASIS_ENGINE_DRY_RUN,
  formula: EstimateBasis.ESTIMATE_BASIS_FORMULA,
};

/** An operator's number is not divided; most of any model is weights, by which the time of a load is told. */
function fromClaim({ contextLength, slots }: ReplicaSpec, claimedBytes: number): Estimate {
  const basis = EstimateBasis.ESTIMATE_BASIS_CLAIMED;
  return { ...NOTHING, weightsBytes: claimedBytes, contextLength, slots, basis };
}

/** `footprintBytes` of the model's engineOptions. */
function claimOf({ engineOptions }: ReplicaSpec): number | undefined {
  const options = claimSchema.safeParse(JSON.parse(engineOptions === '' ? '{}' : engineOptions));
  return options.data?.footprintBytes;
}
