import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readBenchOptions, type BenchOptions } from './bench-options.js';
import { hotFunctions } from './profile/hot-functions.js';
import { startMillrace, type Millrace } from './installation/start-millrace.js';
import { storeVersions } from './installation/store-versions.js';
import { LoadGenerator } from './load/load-generator.js';
import { measureKeys } from './measure-keys.js';
import { tellResults } from './report/tell-results.js';
import { runCompared, runMemory, runPlans } from './run-scenarios.js';
import { Undo } from './undo.js';

/** Runs the whole bench in this process and prints its table. Rejects only when the bench itself fails. */
export async function runBench(commandLine: readonly string[], checkout: string): Promise<void> {
  const options = readBenchOptions(commandLine);
  const undo = new Undo();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void undo.run().finally(() => process.exit(1)));
  }
  try {
    // Plans first, as they need no millrace and it would take time from them.
    const plans = runPlans(options, say);
    const served = options.only.some((scenario) => scenario !== 'plans');
    const serving = served ? await measureServing({ checkout, options, undo }) : undefined;
    const { stores, millrace, ...measured } = { ...NOTHING_SERVED, ...serving };
    await tellResults({ checkout, options, stores, measured: { plans, ...measured } });
    await undo.run();
    if (options.profile !== undefined && millrace !== undefined) await tellHotFunctions(options.profile, millrace);
  } finally {
    await undo.run();
  }
}

/** What is known of an installation that was not needed. */
const NOTHING_SERVED = { samples: [], memory: undefined, keys: undefined, stores: undefined, millrace: undefined };

/** Starts a millrace and measures what it serves. `undo` learns what has been started. */
async function measureServing(run: { checkout: string; options: BenchOptions; undo: Undo }) {
  const { checkout, options, undo } = run;
  // 1. Start millrace and the load generator.
  say('starting millrace');
  const generator = new LoadGenerator();
  undo.add(() => generator.stop());
  const profiles = options.profile === undefined ? {} : { profiles: await madeFolder(options.profile) };
  const millrace = await startMillrace({ checkout, ...profiles });
  undo.add(() => millrace.stop());
  const opened = new Undo();
  undo.add(() => opened.run());
  const bench = { checkout, options, generator, millrace, say, opened };

  // 2. Memory first, as a process that has worked hard has room for streams already.
  const memory = await runMemory(bench);

  // 3. The same workload for all contenders, in turns.
  const samples = await runCompared(bench);

  // 4. What keys cost; last, as the tenants that it adds stay.
  const keys = options.only.includes('keys') ? await measureKeys(bench) : undefined;

  return { samples, memory, keys, stores: await storeVersions(millrace), millrace };
}

/** Profiles are written when their processes end. */
async function tellHotFunctions(folder: string, { pids }: Millrace): Promise<void> {
  for (const part of ['api', 'runner'] as const) {
    const lines = await hotFunctions(folder, pids[part]);
    process.stdout.write(`\nOwn time of the functions of ${part}:\n${lines.join('\n')}\n`);
  }
}

async function madeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return resolve(path);
}

/** Progress, on standard error. */
function say(step: string): void {
  process.stderr.write(`bench: ${step}\n`);
}
