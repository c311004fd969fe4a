import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { POLICY_NAMES, simulateLoad, type Random } from '@millrace/domain/simulation';
import { wrongUsage } from '../client/client-error.js';
import type { Terminal } from '../client/terminal.js';
import { goodputPlot } from './goodput-plot.js';
import { readScenario } from './scenario-file.js';
import type { SimulateOptions } from './simulate-command.js';
import { loadText, sweepJson, type Sweep } from './sweep-text.js';
import { readTrace } from './trace-file.js';

const SHIPPED = join(import.meta.dirname, 'data');

/** Runs the sweep and prints each load factor as soon as it is done. */
export async function runSimulate(options: SimulateOptions, terminal: Terminal): Promise<void> {
  const scenarioText = await textOf(options.scenario, '.yaml');
  const file = readScenario(scenarioText.text, scenarioText.path);
  const traceText = await textOf(options.trace, '.csv');
  const trace = readTrace(traceText.text, traceText.path);
  const seed = options.seed ?? file.seed;
  const policies = POLICY_NAMES.filter((name) => options.policy?.includes(name) ?? true);
  const sweep: Sweep = { scenario: basename(scenarioText.path), trace: basename(traceText.path), seed, loads: [] };
  for (const loadFactor of options.load ?? file.loadFactors) {
    const random = seededRandom(seed);
    const load = simulateLoad(file.scenario, trace, { policies, loadFactor, random });
    sweep.loads.push(load);
    if (options.json !== true) terminal.print(loadText(load, { isFirst: sweep.loads.length === 1 }));
  }
  if (options.json === true) terminal.print(sweepJson(sweep));
  if (options.svg !== undefined) await writePlot(options.svg, sweep);
}

/** The same numbers for the same seed, in [0, 1). */
function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** A file here, or a shipped one by its name with or without ending. */
async function textOf(name: string, ending: string): Promise<{ path: string; text: string }> {
  const failure = (error: unknown) =>
    wrongUsage(`The file ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  try {
    return { path: name, text: await readFile(name, 'utf8') };
  } catch (error) {
    const isPlain = basename(name) === name;
    const path = join(SHIPPED, extname(name) === '' ? `${name}${ending}` : name);
    const text = isPlain ? await readFile(path, 'utf8').catch(() => undefined) : undefined;
    if (text === undefined) throw failure(error);
    return { path, text };
  }
}

async function writePlot(path: string, sweep: Sweep): Promise<void> {
  await writeFile(path, goodputPlot(sweep)).catch((error: unknown) => {
    throw wrongUsage(`The plot ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  });
}
