import { Option, type Command } from 'commander';
import { AdminApi } from './admin-api/admin-api.js';
import { chooseConnection } from './connection/connection.js';
import { connectionSources, type ConnectionOptions } from './connection/connection-sources.js';
import { seconds } from './option-values.js';
import type { Terminal } from './terminal.js';

/** What every client command runs with. */
export interface Surroundings {
  /** The folder of this millrace. */
  checkout: string;
  terminal: Terminal;
  /** Left out: that of this process. */
  environment?: NodeJS.ProcessEnv;
}

/** A command that has found its server. */
export interface Client {
  api: AdminApi;
  terminal: Terminal;
  /** The server's own words are wanted. */
  json: boolean;
}

/** One command, described. */
export interface ClientCommand<Options> {
  /** With its arguments, as commander writes them: `get <tenant>`. */
  usage: string;
  summary: string;
  /** What can be typed behind `./millrace`. */
  examples: readonly string[];
  options?: readonly Option[];
  run: (client: Client, options: Options, words: readonly string[]) => Promise<void>;
}

/** What every client command takes. */
interface CommonOptions extends ConnectionOptions {
  timeout: number;
  json?: boolean;
  verbose?: boolean;
}

const DEFAULT_TIMEOUT_S = 30;

/** Adds a command that talks to a server below `parent`. */
export function addClientCommand<Options>(
  parent: Command,
  surroundings: Surroundings,
  described: ClientCommand<Options>,
): void {
  const command = addDescribed(parent, described);
  for (const option of commonOptions()) command.addOption(option);
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const client = await openClient(options, surroundings);
    await described.run(client, options, command.args);
  });
}

/** Adds a command with its options and examples, without an action. */
export function addDescribed(
  parent: Command,
  {
    usage,
    summary,
    examples,
    options = [],
  }: Pick<ClientCommand<unknown>, 'usage' | 'summary' | 'examples' | 'options'>,
): Command {
  const command = parent.command(usage).description(summary);
  command.showHelpAfterError(`(${wordsOf(command)} --help says what it takes)`);
  for (const option of options) command.addOption(option);
  const lines = examples.map((example) => `  ./millrace ${example}\n`);
  return command.addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('')}`);
}

/** Adds the name that commands of one kind stand below. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  const group = parent.command(name).description(summary);
  return group.showHelpAfterError(`(${wordsOf(group)} --help says what it takes)`);
}

/** How a command is called from the checkout: `./millrace tenants list`. */
function wordsOf(command: Command): string {
  const { parent } = command;
  return parent === null ? `./${command.name()}` : `${wordsOf(parent)} ${command.name()}`;
}

async function openClient(options: CommonOptions, { checkout, environment, terminal }: Surroundings): Promise<Client> {
  const readInput = () => terminal.readInput();
  const connection = await chooseConnection(connectionSources(options, { checkout, environment, readInput }));
  const { json = false, verbose = false } = options;
  const note = (line: string) => terminal.note(line);
  if (verbose) note(`Using ${connection.url} (from ${connection.urlFrom}) with the key from ${connection.keyFrom}`);
  return { api: new AdminApi({ connection, timeoutMs: options.timeout * 1_000, note, verbose }), terminal, json };
}

function commonOptions(): Option[] {
  return [
    new Option('--json', 'print what the server answers, as JSON'),
    new Option('--url <url>', 'address of the server, like http://127.0.0.1:8080'),
    new Option('--key-stdin', 'read the key from standard input'),
    new Option('--key <key>', 'the key; others on this machine may see it, so rather use --key-stdin or a profile'),
    new Option('--profile <name>', 'address and key of a profile (./millrace profiles)'),
    new Option('--timeout <seconds>', 'how long to wait for an answer').argParser(seconds).default(DEFAULT_TIMEOUT_S),
    new Option('--verbose', 'say which server and key are used, and what is asked'),
  ].map((option) => option.helpGroup('Connection and output:'));
}
