import {
  learnedFootprint,
  sumOf,
  type EstimateBasis,
  type FootprintBreakdown,
  type Lesson,
} from '@millrace/domain/footprint';
import { optionsOfSettings, type KnownFootprint, type SnapshotFootprint } from '@millrace/domain/placement';

/** What the table holds of one footprint. Its breakdown stays that of the estimate once it is measured. */
export interface FootprintRow {
  artifact: string;
  engine: string;
  settings: string;
  deviceType: string;
  deviceCount: number;
  offloaded: boolean;
  basis: EstimateBasis | 'measured';
  engineVersion: string;
  breakdown: FootprintBreakdown;
  measuredBytes: number | null;
  /** On the group's further devices, and in the memory of the CPU; estimated as the rest is. */
  peers: readonly FootprintBreakdown[] | null;
  host: FootprintBreakdown | null;
  loadMs: number | null;
  contextLength: number;
  slots: number;
  failure: string | null;
  failedAtMs: number;
}

/** The footprints as a plan sees them: measured ones as they are, and estimates with what the measured ones teach. */
export function knownFootprints(rows: readonly FootprintRow[]): SnapshotFootprint[] {
  const lessons = new Map<string, Lesson[]>();
  for (const row of rows) {
    const { breakdown, measuredBytes } = row;
    // One that was measured before anybody estimated it teaches nothing.
    if (measuredBytes === null || sumOf(breakdown) === 0) continue;
    const subject = subjectOf(row);
    lessons.set(subject, [...(lessons.get(subject) ?? []), { breakdown, measuredBytes }]);
  }
  return rows.map((row) => toSnapshot(row, lessons.get(subjectOf(row)) ?? []));
}

function toSnapshot(row: FootprintRow, lessons: readonly Lesson[]): SnapshotFootprint {
  const { artifact, engine, settings, deviceType, deviceCount, offloaded, failure, failedAtMs } = row;
  const key = { artifact, engine, settings, deviceType, deviceCount, offloaded };
  if (failure !== null) return { ...key, outcome: 'failed', failure, failedAtMs };
  return { ...key, ...toKnown(row, lessons) };
}

function toKnown(row: FootprintRow, lessons: readonly Lesson[]): KnownFootprint {
  const { basis, breakdown, measuredBytes, peers, host, loadMs, contextLength, slots } = row;
  const estimateBasis = basis === 'measured' ? 'engine_dry_run' : basis;
  const estimated = (of: FootprintBreakdown) => ({ basis: estimateBasis, breakdown: of });
  return {
    outcome: 'known',
    footprint:
      measuredBytes === null
        ? learnedFootprint(estimated(breakdown), lessons)
        : { basis: 'measured', breakdown, measuredBytes },
    ...(peers !== null && { peers: peers.map(estimated) }),
    ...(host !== null && { host: estimated(host) }),
    ...(loadMs !== null && { loadMs }),
    contextLength,
    slots,
  };
}

/** What lessons hold for: all but context and slots. */
function subjectOf({ artifact, engine, engineVersion, settings, deviceType, deviceCount, offloaded }: FootprintRow) {
  return JSON.stringify([
    artifact,
    engine,
    engineVersion,
    optionsOfSettings(settings),
    deviceType,
    deviceCount,
    offloaded,
  ]);
}
