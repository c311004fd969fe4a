import type { BenchOptions } from './bench-options.js';
import type { Contender, ContenderName } from './contender.js';
import type { LoadGenerator } from './load/load-generator.js';
import type { LoadResult } from './load/load-order.js';
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

async function measureOnce({ generator, options }: Rounds, contender: Contender, scenario: ComparedScenario) {
  const readings: Promise<Record<string, number>>[] = [];
  const order = orderOf(scenario, contender.endpoint, options.seconds);
  const result = await generator.run(order, () => readings.push(processorTimes(contender.parts)));
  const [before = {}, after = {}] = await Promise.all(readings);
  const names = Object.keys(contender.parts);
  const processorMs = Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
  return { result, processorMs };
}
