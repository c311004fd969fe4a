import type { BenchOptions } from './bench-options.js';
import type { Contender } from './contender.js';
import { serveModel } from './installation/serve-model.js';
import type { Millrace } from './installation/start-millrace.js';
import type { LoadGenerator } from './load/load-generator.js';
import { measureStreamMemory, type StreamMemory } from './measure-memory.js';
import { measurePlans, type PlanFigures } from './measure-plans.js';
import { measureRounds, warmUp, type Sample } from './measure-rounds.js';
import { millraceWith, openDirect, openPortkey } from './open-contenders.js';
import { COMPARED } from './scenarios.js';
import type { Undo } from './undo.js';
import { SLOW_MODEL, type SimulatedModel } from './workload.js';

const STREAMS = 1_000;
const QUICK_STREAMS = 100;

/** The fleet that plans are measured for; the test of the bench takes a smaller one. */
const FLEET = { runners: 1_000, deployments: 500 };
const QUICK_FLEET = { runners: 60, deployments: 20 };
const PLAN_ROUNDS = 20;

/** What a run of the bench works with. */
export interface Bench {
  checkout: string;
  options: BenchOptions;
  generator: LoadGenerator;
  millrace: Millrace;
  /** Tells the person at the terminal how far it is. */
  say: (step: string) => void;
  /** What has been started for the scenarios at hand. */
  opened: Undo;
}

/** How long plans take, in this process; left out when it was not asked for. */
export function runPlans({ only, quick }: BenchOptions, say: Bench['say']): PlanFigures | undefined {
  if (!only.includes('plans')) return undefined;
  say('plans of a large fleet');
  return measurePlans({ ...(quick ? QUICK_FLEET : FLEET), rounds: quick ? 1 : PLAN_ROUNDS });
}

/** Memory of streams that stay open; left out when it was not asked for. */
export async function runMemory({ options, generator, millrace, say }: Bench): Promise<StreamMemory | undefined> {
  if (!options.only.includes('memory')) return undefined;
  await serveModel(millrace, SLOW_MODEL);
  const streams = options.quick ? QUICK_STREAMS : STREAMS;
  say(`memory of ${String(streams)} open streams`);
  const contender = await millraceWith(millrace, SLOW_MODEL, SLOW_MODEL.engineOptions.answerTokens);
  return measureStreamMemory({ contender, apiPid: millrace.pids.api, generator, streams });
}

/** The scenarios in which all contenders do the same, model by model. */
export async function runCompared(bench: Bench): Promise<Sample[]> {
  const { options, generator, say, opened } = bench;
  const samples: Sample[] = [];
  for (const { model, scenarios } of COMPARED) {
    const wanted = scenarios.filter((scenario) => options.only.includes(scenario));
    if (wanted.length === 0) continue;
    const rounds = { contenders: await openContenders(bench, model), generator, options, say };
    await warmUp(rounds);
    for (const scenario of wanted) samples.push(...(await measureRounds(rounds, scenario)));
    await opened.run();
  }
  return samples;
}

async function openContenders({ checkout, options, millrace, say, opened }: Bench, model: SimulatedModel) {
  await serveModel(millrace, model);
  const contenders: Contender[] = [await openDirect(model, opened), await millraceWith(millrace, model)];
  const [direct] = contenders;
  if (options.peer === undefined || direct === undefined) return contenders;
  say('starting the peer gateway');
  return [...contenders, await openPortkey(checkout, direct.endpoint, opened)];
}
