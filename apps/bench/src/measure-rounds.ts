import { availableParallelism } from 'node:os';
import type { BenchOptions } from './bench-options.js';
import type { Contender, ContenderName } from './contender.js';
import type { QueueWaits } from './installation/queue-waits.js';
import type { LoadGenerator } from './load/load-generator.js';
import type { LoadResult } from './load/load-order.js';
import { machineBusyMs } from './measure/machine-busy.js';
import { processorTimes } from './measure/processor-time.js';
import { orderOf, type ComparedScenario } from './scenarios.js';

const WARM_UP_SECONDS = 2;

/** One contender in one round of one scenario. */
export interface Sample {
  scenario: ComparedScenario;
  round: number;
  contender: ContenderName;
  result: LoadResult;
  /** Processor time of each part while answers were counted. */
  processorMs: Record<string, number>;
  /** Of the machine's processor time, the part that went to processes that do not belong to the measurement. */
  otherShare: number;
  /** Of a burst, where the contender has a queue. */
  queueWaits?: QueueWaits;
}

export interface Rounds {
  contenders: readonly Contender[];
  generator: LoadGenerator;
  options: BenchOptions;
  say: (step: string) => void;
}

/** Lets every contender run before anything counts, so that all run compiled code on connections that are open. */
export async function warmUp({ contenders, generator, options, say }: Rounds): Promise<void> {
  say('warming up');
  const seconds = Math.min(options.seconds, WARM_UP_SECONDS);
  for (const { endpoint } of contenders) {
    await generator.run({ kind: 'rate', endpoint, perSecond: 50, seconds });
    await generator.run({ kind: 'saturation', endpoint, connections: 32, seconds });
  }
}

/** The contenders take turns within each round, so that what else happens on the machine hits them alike. */
export async function measureRounds(rounds: Rounds, scenario: ComparedScenario): Promise<Sample[]> {
  const { contenders, options, say } = rounds;
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of contenders) {
      say(`${scenario}, round ${String(round)} of ${String(options.rounds)}: ${contender.name}`);
      const measured = await measureOnce(rounds, contender, scenario);
      samples.push({ scenario, round, contender: contender.name, ...measured });
    }
  }
  return samples;
}

/** The state of a machine and of a contender's processes at one instant. */
interface Reading {
  atMs: number;
  busyMs: number;
  processorMs: Record<string, number>;
}

async function measureOnce({ generator, options }: Rounds, contender: Contender, scenario: ComparedScenario) {
  const parts = { ...contender.parts, 'load generator': { pid: generator.pid, withChildren: false } };
  const readings: Promise<Reading>[] = [];
  const order = orderOf(scenario, contender.endpoint, options.seconds);
  const result = await generator.run(order, () => readings.push(readNow(parts)));
  const [before, after] = await Promise.all(readings);
  if (before === undefined || after === undefined) throw new Error('The load generator counted nothing.');
  const waits = scenario === 'burst' ? await contender.queueWaits?.(result.complete) : undefined;
  return { result, ...usedBetween(before, after), ...(waits && { queueWaits: waits }) };
}

async function readNow(parts: Contender['parts']): Promise<Reading> {
  const [atMs, busyMs] = [performance.now(), machineBusyMs()];
  return { atMs, busyMs, processorMs: await processorTimes(parts) };
}

function usedBetween(before: Reading, after: Reading): Pick<Sample, 'processorMs' | 'otherShare'> {
  const names = Object.keys(after.processorMs);
  const used = (name: string) => (after.processorMs[name] ?? 0) - (before.processorMs[name] ?? 0);
  const ownMs = names.reduce((sum, name) => sum + used(name), 0);
  const allMs = (after.atMs - before.atMs) * availableParallelism();
  return {
    processorMs: Object.fromEntries(names.map((name) => [name, used(name)])),
    otherShare: Math.max(0, (after.busyMs - before.busyMs - ownMs) / allMs),
  };
}
