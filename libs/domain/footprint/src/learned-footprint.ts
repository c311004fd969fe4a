import { sumOf, type EstimateBasis, type Footprint, type FootprintBreakdown } from './footprint.js';

/** A loaded replica's memory, and what had been estimated for it. */
export interface Lesson {
  breakdown: FootprintBreakdown;
  measuredBytes: number;
}

/**
 * Corrects an estimate by what replicas with another context or other slots measured; of the same artifact, engine
 * version, engine options and type of device. Weights and cache follow from metadata, so what an estimate misses lies in
 * computation and in the process, which hardly depend on either: the largest miss is added, so that none is too low.
 * The operator's word is never changed.
 */
export function learnedFootprint(
  estimate: { basis: EstimateBasis; breakdown: FootprintBreakdown },
  lessons: readonly Lesson[],
): Footprint {
  if (lessons.length === 0 || estimate.basis === 'claimed') return estimate;
  const { breakdown } = estimate;
  const missed = Math.max(...lessons.map((lesson) => lesson.measuredBytes - sumOf(lesson.breakdown)));
  // Weights and cache are there in any case.
  const least = -(breakdown.computeBytes + breakdown.overheadBytes);
  return { basis: 'learned', breakdown, correctionBytes: Math.max(missed, least) };
}
