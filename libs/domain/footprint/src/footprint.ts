/** Where the numbers come from: the engine's own dry run from metadata, or the memory of a loaded replica. */
export type FootprintBasis = 'engine_dry_run' | 'measured';

/** Bytes on one device, by what they hold. */
export interface FootprintBreakdown {
  weightsBytes: number;
  kvBytes: number;
  computeBytes: number;
  /** The engine process itself. */
  overheadBytes: number;
}

/** What one replica takes on one type of device. */
export type Footprint =
  | { basis: 'engine_dry_run'; breakdown: FootprintBreakdown }
  | { basis: 'measured'; breakdown: FootprintBreakdown; measuredBytes: number };

const MEBIBYTE = 1024 ** 2;

/** A dry run misses some output buffers and the allocator's slack; it may be low by a few per cent. */
const DRY_RUN_MARGIN = { share: 0.05, bytes: 32 * MEBIBYTE };

/** A measured replica differs from the next one by fragmentation only. */
const MEASURED_MARGIN = { share: 0.02, bytes: 0 };

/** The sum of a dry run, without margin. */
export function predictedBytes(breakdown: FootprintBreakdown): number {
  return breakdown.weightsBytes + breakdown.kvBytes + breakdown.computeBytes + breakdown.overheadBytes;
}

/** Bytes to set aside for the next replica: the best known number and the margin that belongs to its basis. */
export function neededBytes(footprint: Footprint): number {
  switch (footprint.basis) {
    case 'engine_dry_run':
      return withMargin(predictedBytes(footprint.breakdown), DRY_RUN_MARGIN);
    case 'measured':
      return withMargin(footprint.measuredBytes, MEASURED_MARGIN);
  }
}

/** Share of the truth by which a prediction was off: +0.1 is a tenth too much (idle memory), -0.1 too little (a crash). */
export function signedError(predicted: number, measured: number): number {
  return measured === 0 ? 0 : (predicted - measured) / measured;
}

function withMargin(bytes: number, margin: { share: number; bytes: number }): number {
  return Math.ceil(bytes * (1 + margin.share)) + margin.bytes;
}
