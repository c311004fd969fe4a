import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { settingsHelp } from '@millrace/platform/config';
import { addClientCommands } from './client/client-commands.js';
import { speakThrough, tellFailure } from './client/tell-failure.js';
import { processTerminal, type Terminal } from './client/terminal.js';
import { addFootprint } from './footprint/footprint-command.js';
import { runApp } from './run-app.js';
import { addSimulate } from './simulate/simulate-command.js';

/** Processes that `serve` runs. */
const SERVED = ['api', 'scheduler', 'runner'] as const;

const FROM_HOME = `
What is not set comes from the millrace that was started in MILLRACE_HOME (default: .millrace in the checkout), if any;
its serve.json says it, and the first line of the log names the settings that were taken.
`;

/**
 * Runs one command of `./millrace`. `checkout` is the folder it was called from.
 * Long-running commands stay in this process, so that signals reach them directly. A command loads what it needs when
 * it runs, so that a short one is fast.
 */
export async function runCommandLine(commandLine: readonly string[], checkout: string): Promise<void> {
  const terminal = processTerminal();
  const program = speakThrough(new Command('millrace'), terminal)
    .description('OpenAI-compatible inference for several tenants on your own GPUs.')
    .version(await versionOf(checkout))
    .showHelpAfterError();
  program
    .command('up')
    .description('run everything on this machine: embedded Postgres and Redis, api, scheduler and runner')
    .action(async () => {
      const { runStandalone } = await runApp<{ runStandalone: (checkout: string) => Promise<void> }>(
        checkout,
        'standalone',
      );
      await runStandalone(checkout);
    })
    .addHelpText('after', () => settingsHelp('up'));
  program
    .command('migrate')
    .description('bring the schema of the Postgres at DATABASE_URL up to date')
    .action(async () => (await import('./migrate-database.js')).migrateDatabase())
    .addHelpText('after', () => settingsHelp('migrate'));
  addSetUp(program, terminal);
  addServe(program, checkout);
  program
    .command('doctor')
    .description('check this machine and say what to do')
    .action(async () => (await import('./doctor/run-doctor.js')).runDoctor(checkout));
  addFootprint(program, terminal);
  addSimulate(program, terminal);
  addClientCommands(program, { checkout, terminal });
  try {
    await program.parseAsync(commandLine);
  } catch (error) {
    process.exitCode = tellFailure(error, terminal);
  }
}

/** What an installation without `npm start` needs before its processes can work. */
function addSetUp(program: Command, terminal: Terminal): void {
  program
    .command('bootstrap')
    .description('make the first operator key and a join token in the Postgres at DATABASE_URL, and show them once')
    .option('--another', 'make them although there is an operator key that works')
    .option('--json', 'print JSON')
    .action(async (wish: { another?: true; json?: true }) =>
      (await import('./bootstrap-database.js')).bootstrapDatabase(wish, terminal),
    )
    .addHelpText('after', () => settingsHelp('bootstrap'));
  program
    .command('redis-acl')
    .description('print the ACL file of a Redis: the user of api and scheduler, and the restricted one of runners')
    .option('--file <path>', 'write it to this file instead, for its owner only')
    .action(async ({ file }: { file?: string }) => (await import('./write-redis-acl.js')).writeRedisAcl(file, terminal))
    .addHelpText('after', () => settingsHelp('redis-acl'));
}

function addServe(program: Command, checkout: string): void {
  const serve = program.command('serve').description('run one process of a larger installation');
  for (const name of SERVED) {
    serve
      .command(name)
      .description(`run one ${name}`)
      .action(async () => (await import('./serve-process.js')).serveProcess(checkout, name))
      .addHelpText('after', () => settingsHelp(name) + FROM_HOME);
  }
}

async function versionOf(checkout: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
  return version;
}
