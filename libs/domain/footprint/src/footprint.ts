/**
 * Where a number comes from, the surest first: a loaded replica's memory; an estimate corrected by what other replicas
 * of the artifact measured; the engine's own dry run; metadata alone; the operator's word, taken as it is.
 */
export type FootprintBasis = 'measured' | 'learned' | EstimateBasis;

/** Where a number comes from before anything is loaded. */
export type EstimateBasis = 'engine_dry_run' | 'formula' | 'claimed';

/** What is set aside beyond a number: a share of it, and bytes whatever its size. */
export interface Margin {
  share: number;
  bytes: number;
}

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
  | { basis: EstimateBasis; breakdown: FootprintBreakdown }
  /** What the estimate misses, below 0 where it is too much. */
  | { basis: 'learned'; breakdown: FootprintBreakdown; correctionBytes: number }
  | { basis: 'measured'; breakdown: FootprintBreakdown; measuredBytes: number };

const MEBIBYTE = 1024 ** 2;

const MARGINS: Readonly<Record<FootprintBasis, Margin>> = {
  /** A measured replica differs from the next one by fragmentation only. */
  measured: { share: 0.02, bytes: 0 },
  /** What was learned at one context holds for another up to buffers that grow with it. */
  learned: { share: 0.03, bytes: 32 * MEBIBYTE },
  /** A dry run misses some output buffers and the allocator's slack; it may be low by a few per cent. */
  engine_dry_run: { share: 0.05, bytes: 32 * MEBIBYTE },
  /** Weights and cache are exact; computation depends on the engine's version, and weighs more in small models. */
  formula: { share: 0.05, bytes: 300 * MEBIBYTE },
  claimed: { share: 0, bytes: 0 },
};

/** The margin that belongs to a basis. */
export function marginOf(basis: FootprintBasis): Margin {
  return MARGINS[basis];
}

/** The sum of an estimate. */
export function sumOf(breakdown: FootprintBreakdown): number {
  return breakdown.weightsBytes + breakdown.kvBytes + breakdown.computeBytes + breakdown.overheadBytes;
}

/** What the next replica is expected to take, without margin. */
export function predictedBytes(footprint: Footprint): number {
  switch (footprint.basis) {
    case 'measured':
      return footprint.measuredBytes;
    case 'learned':
      return sumOf(footprint.breakdown) + footprint.correctionBytes;
    case 'engine_dry_run':
    case 'formula':
    case 'claimed':
      return sumOf(footprint.breakdown);
  }
}

/** Bytes to set aside for the next replica: the best known number and the margin that belongs to its basis. */
export function neededBytes(footprint: Footprint): number {
  return withMargin(predictedBytes(footprint), footprint.basis);
}

/** Share of the truth by which a prediction was off: +0.1 is a tenth too much (idle memory), -0.1 too little (a crash). */
export function signedError(predicted: number, measured: number): number {
  return measured === 0 ? 0 : (predicted - measured) / measured;
}

/** A number and the margin of its basis. */
export function withMargin(bytes: number, basis: FootprintBasis): number {
  const margin = marginOf(basis);
  return Math.ceil(bytes * (1 + margin.share)) + margin.bytes;
}
