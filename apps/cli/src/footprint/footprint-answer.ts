import {
  marginOf,
  totalOf,
  withMargin,
  type DeviceBytes,
  type FootprintBasis,
  type Margin,
} from '@millrace/domain/footprint';

/** The calculator's answer, in bytes. */
export interface FootprintAnswer {
  engine: string;
  model: string;
  /** How the numbers were found. */
  tier: FootprintBasis;
  /** What `neededBytes` holds beyond the rest. */
  margin: Margin;
  kvBytes: number;
  weightsBytes: number;
  computeBytes: number;
  /** Convolution and recurrent state. */
  stateBytes: number;
  /** Projector and adapters. */
  extraBytes: number;
  /** The sum of these: what the engine accounts for itself. */
  totalBytes: number;
  /** The processes themselves. */
  overheadBytes: number;
  /** What a scheduler sets aside: total, overhead and margin. */
  neededBytes: number;
  perDevice: DeviceAnswer[];
  /** Of vLLM: tokens that the cache holds, and the `gpu_memory_utilization` that leaves it this much. */
  kvTokens?: number;
  gpuMemoryUtilization?: number;
  contextLength?: number;
  slots?: number;
  /** What the answer rests on that was not said. */
  assumptions: string[];
}

interface DeviceAnswer extends Omit<DeviceBytes, 'contextBytes'> {
  device: number;
  totalBytes: number;
  overheadBytes: number;
  neededBytes: number;
}

/** What tells one answer from another; the sums follow from `perDevice`. */
export type FoundFootprint = Pick<FootprintAnswer, 'engine' | 'model' | 'tier' | 'assumptions'> &
  Partial<Pick<FootprintAnswer, 'kvTokens' | 'gpuMemoryUtilization' | 'contextLength' | 'slots'>> & {
    perDevice: readonly DeviceBytes[];
  };

/** Adds up an answer. */
export function footprintAnswer({ engine, model, tier, perDevice, ...more }: FoundFootprint): FootprintAnswer {
  const devices = perDevice.map((bytes, device) => deviceAnswer(bytes, { tier, device }));
  const sum = (part: keyof DeviceAnswer) => devices.reduce((total, device) => total + device[part], 0);
  return {
    engine,
    model,
    tier,
    margin: marginOf(tier),
    kvBytes: sum('kvBytes'),
    weightsBytes: sum('weightsBytes'),
    computeBytes: sum('computeBytes'),
    stateBytes: sum('stateBytes'),
    extraBytes: sum('extraBytes'),
    totalBytes: sum('totalBytes'),
    overheadBytes: sum('overheadBytes'),
    neededBytes: sum('neededBytes'),
    perDevice: devices,
    ...more,
  };
}

function deviceAnswer(bytes: DeviceBytes, { tier, device }: { tier: FootprintBasis; device: number }): DeviceAnswer {
  const { contextBytes, ...parts } = bytes;
  const totalBytes = totalOf(bytes) - contextBytes;
  const neededBytes = withMargin(totalBytes + contextBytes, tier);
  return { device, ...parts, totalBytes, overheadBytes: contextBytes, neededBytes };
}
