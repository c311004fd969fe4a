import { Command, InvalidArgumentError, Option } from 'commander';
import { SCENARIO_NAMES, type ScenarioName } from './scenarios.js';

export interface BenchOptions {
  only: readonly ScenarioName[];
  /** Seconds of each measurement. */
  seconds: number;
  rounds: number;
  peer?: 'portkey';
  /** File that gets every figure. */
  json?: string;
  /** Folder that gets CPU profiles of millrace's processes. */
  profile?: string;
  /** Once round quickly, to see that it works; the figures say little. */
  quick: boolean;
}

/** Reads the command line. Ends the process with a sentence when it is wrong, as commander does. */
export function readBenchOptions(commandLine: readonly string[]): BenchOptions {
  const program = new Command('npm run bench --')
    .description('Measures millrace against the simulated engine behind it, in one run, and prints one table.')
    .option('--only <scenarios>', `of ${SCENARIO_NAMES.join(', ')}; separated by commas`, readScenarios, [
      ...SCENARIO_NAMES,
    ])
    .option('--seconds <number>', 'length of each measurement', readCount, 8)
    .option('--rounds <number>', 'how often each is repeated; the table shows medians', readCount, 3)
    .addOption(new Option('--peer <name>', 'measure a peer gateway from npm too').choices(['portkey']))
    .option('--json <file>', 'write every figure there')
    .option('--profile <folder>', "write CPU profiles of millrace's processes there")
    .option('--quick', 'one short round, to see that it works', false)
    .showHelpAfterError();
  const options = program.parse(commandLine).opts<BenchOptions>();
  return options.quick ? { ...options, seconds: 1, rounds: 1 } : options;
}

function readScenarios(text: string): ScenarioName[] {
  return text.split(',').map((word) => {
    const name = SCENARIO_NAMES.find((one) => one === word.trim());
    if (name === undefined) throw new InvalidArgumentError(`There are ${SCENARIO_NAMES.join(', ')}.`);
    return name;
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a whole number from 1.');
  return count;
}
