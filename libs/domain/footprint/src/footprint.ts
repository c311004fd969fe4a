/** Where the numbers of the ledger come from: the engine's own dry run from metadata, or a loaded replica's memory. */
export type FootprintBasis = 'engine_dry_run' | 'measured';

/** How sure a number is, the surest first. `formula`: metadata alone; `claimed`: the operator's word, taken as it is. */
export type FootprintTier = FootprintBasis | 'formula' | 'claimed';

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
  | { basis: 'engine_dry_run'; breakdown: FootprintBreakdown }
  | { basis: 'measured'; breakdown: FootprintBreakdown; measuredBytes: number };

const MEBIBYTE = 1024 ** 2;

const MARGINS: Readonly<Record<FootprintTier, Margin>> = {
  /** A measured replica differs from the next one by fragmentation only. */
  measured: { share: 0.02, bytes: 0 },
  /** A dry run misses some output buffers and the allocator's slack; it may be low by a few per cent. */
  engine_dry_run: { share: 0.05, bytes: 32 * MEBIBYTE },
  /** Weights and cache are exact; computation depends on the engine's version, and weighs more in small models. */
  formula: { share: 0.05, bytes: 300 * MEBIBYTE },
  claimed: { share: 0, bytes: 0 },
};

/** The margin that belongs to a tier. */
export function marginOf(tier: FootprintTier): Margin {
  return MARGINS[tier];
}

/** The sum of a dry run, without margin. */
export function predictedBytes(breakdown: FootprintBreakdown): number {
  return breakdown.weightsBytes + breakdown.kvBytes + breakdown.computeBytes + breakdown.overheadBytes;
}

/** Bytes to set aside for the next replica: the best known number and the margin that belongs to its basis. */
export function neededBytes(footprint: Footprint): number {
  switch (footprint.basis) {
    case 'engine_dry_run':
      return withMargin(predictedBytes(footprint.breakdown), 'engine_dry_run');
    case 'measured':
      return withMargin(footprint.measuredBytes, 'measured');
  }
}

/** Share of the truth by which a prediction was off: +0.1 is a tenth too much (idle memory), -0.1 too little (a crash). */
export function signedError(predicted: number, measured: number): number {
  return measured === 0 ? 0 : (predicted - measured) / measured;
}

/** A number and the margin of its tier. */
export function withMargin(bytes: number, tier: FootprintTier): number {
  const margin = marginOf(tier);
  return Math.ceil(bytes * (1 + margin.share)) + margin.bytes;
}
