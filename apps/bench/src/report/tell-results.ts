import { writeFile } from 'node:fs/promises';
import type { BenchOptions } from '../bench-options.js';
import type { ContenderName } from '../contender.js';
import type { StoreVersions } from '../installation/store-versions.js';
import { commitOf, describeMachine, versionOf } from '../measure/machine.js';
import type { Sample } from '../measure-rounds.js';
import { FAST_MODEL, SLOW_MODEL, STEADY_MODEL } from '../workload.js';
import { summarise, type Measured } from './summary.js';
import { renderTable } from './table.js';

/** What a machine may do beside the bench before its table says so. */
const QUIET_SHARE = 0.05;

export interface Results {
  checkout: string;
  options: BenchOptions;
  /** Left out when nothing was served. */
  stores: StoreVersions | undefined;
  measured: Measured;
}

/** Prints the table and writes the JSON that was asked for. */
export async function tellResults({ checkout, options, stores, measured }: Results): Promise<void> {
  const rows = summarise(measured);
  const { samples } = measured;
  const machine = describeMachine();
  const version = await versionOf(checkout);
  const commit = await commitOf(checkout);
  const date = new Date().toISOString();
  process.stdout.write(
    `\nmillrace ${version}, commit ${commit ?? 'unknown'}, ${date}\n` +
      `${machine.processor}, ${String(machine.cores)} cores, Node ${machine.node}${storesText(stores)}\n\n` +
      `${renderTable(rows, contendersOf(samples))}\n${firstProblem(samples)}${otherLoad(measured)}`,
  );
  if (options.json === undefined) return;
  const models = [SLOW_MODEL, STEADY_MODEL, FAST_MODEL];
  const everything = { version, commit, date, machine, stores, options, models, rows, ...measured };
  await writeFile(options.json, `${JSON.stringify(everything, null, 2)}\n`);
}

function storesText(stores: StoreVersions | undefined): string {
  return stores === undefined ? '' : `, Postgres ${stores.postgres}, Redis ${stores.redis}`;
}

function contendersOf(samples: readonly Sample[]): ContenderName[] {
  return samples.length === 0 ? ['millrace'] : [...new Set(samples.map(({ contender }) => contender))];
}

/** A table that was measured beside other work says so. */
function otherLoad({ samples, plans }: Measured): string {
  const shares = [...samples, ...(plans === undefined ? [] : [plans])].map(({ otherShare }) => otherShare);
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  if (!(share > QUIET_SHARE)) return '';
  const percent = String(Math.round(100 * share));
  return `\nOther processes took ${percent} % of the machine meanwhile: alone on it, the figures are better.\n`;
}

/** How an answer that was not complete went wrong, as one example says more than a count. */
function firstProblem(samples: readonly Sample[]): string {
  const sample = samples.find(({ result }) => result.problem !== undefined);
  if (sample === undefined) return '';
  return `\nFirst answer of ${sample.contender} that was not complete: ${sample.result.problem ?? ''}\n`;
}
