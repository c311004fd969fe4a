import { InvalidArgumentError, Option, type Command } from 'commander';
import { POLICY_NAMES, type PolicyName } from '@millrace/domain/simulation';
import type { Terminal } from '../client/terminal.js';

/** What `./millrace simulate` was asked. */
export interface SimulateOptions {
  scenario: string;
  trace: string;
  policy?: PolicyName[];
  load?: number[];
  seed?: number;
  svg?: string;
  json?: true;
}

const ABOUT = `
Serves the trace at every load factor of the scenario under each policy, and compares. No GPU and no server is needed.
  millrace  the production planner
  lru       load on demand in the place of the least recently used, as single-node servers do
  static    one replica for each model, the most popular first, as far as memory reaches

Shipped: the scenario zipf24, the traces azure-2023-code and azure-2023-conversation. docs/simulate.md describes the
files and what is simulated.
`;

/** Adds `simulate`: how a fleet would serve a trace. */
export function addSimulate(program: Command, terminal: Terminal): void {
  program
    .command('simulate')
    .description('how a fleet would serve a trace under the production planner and under simpler policies')
    .option(
      '--scenario <file>',
      'fleet, models, popularity and limits: a YAML file, or the name of a shipped one',
      'zipf24',
    )
    .option('--trace <file>', 'arrivals and lengths: a CSV file, or the name of a shipped one', 'azure-2023-code')
    .addOption(new Option('--policy <names...>', 'all of them when not given').choices(POLICY_NAMES))
    .option('--load <factors>', 'instead of those of the scenario, separated by commas', loadFactors)
    .option('--seed <number>', 'instead of that of the scenario', wholeNumber)
    .option('--svg <file>', 'also write a plot of goodput by load')
    .option('--json', 'print JSON')
    .addHelpText('after', ABOUT)
    .action(async (options: SimulateOptions) => {
      const { runSimulate } = await import('./run-simulate.js');
      await runSimulate(options, terminal);
    });
}

function loadFactors(text: string): number[] {
  const factors = text.split(',').map(Number);
  if (factors.every((factor) => factor > 0 && factor <= 1_000)) return factors;
  throw new InvalidArgumentError('It takes numbers above 0 and up to 1000, as in 0.5,1,2.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number of up to nine digits.');
}
