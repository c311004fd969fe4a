import type { Contender } from './contender.js';
import type { LoadGenerator } from './load/load-generator.js';
import { residentBytes } from './measure/resident-memory.js';

const OPENED_PER_SECOND = 200;

/** Memory of the API process with and without open streams. */
export interface StreamMemory {
  streams: number;
  beforeBytes: number;
  openBytes: number;
}

export interface MemoryWish {
  /** On the slow model. */
  contender: Contender;
  apiPid: number;
  generator: LoadGenerator;
  streams: number;
}

/**
 * Opens streams that all generate, slowly, and compares the resident memory of the API process with that before.
 * A few requests come first, so that code that is compiled and pools that are filled are not counted to the streams.
 */
export async function measureStreamMemory(wish: MemoryWish): Promise<StreamMemory> {
  const { contender, apiPid, generator, streams } = wish;
  const open = (count: number) => {
    const { endpoint } = contender;
    return generator.run({ kind: 'open-streams', endpoint, streams: count, perSecond: OPENED_PER_SECOND });
  };
  await open(Math.ceil(streams / 10));
  await generator.run({ kind: 'close-streams' });
  const beforeBytes = await residentBytes(apiPid);
  const { complete, problem } = await open(streams);
  if (complete < streams) {
    const begun = `${String(complete)} of ${String(streams)} streams began`;
    throw new Error(`Memory cannot be measured: ${begun}: ${problem ?? ''}`);
  }
  const openBytes = await residentBytes(apiPid);
  await generator.run({ kind: 'close-streams' });
  return { streams, beforeBytes, openBytes };
}
