import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname, '../../..');

/** How a command ended. */
export interface Ended {
  code: number | null;
  output: string;
  errors: string;
}

export interface Command {
  arguments?: readonly string[];
  environment?: Record<string, string>;
  checkout?: string;
  /** Standard input; left out, there is none. */
  input?: string;
  /** JavaScript that runs in Node before millrace does, to make this machine look like another. */
  before?: string;
}

/** The environment of a test's millrace: nothing of the machine's own settings. */
export function plainEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
}

/** Runs `./millrace` to its end. */
export async function runMillrace(command: Command): Promise<Ended> {
  const { arguments: words = ['up'], environment = {}, checkout = CHECKOUT, input, before } = command;
  const preload = before === undefined ? {} : { NODE_OPTIONS: `--import=${moduleUrl(before)}` };
  const child = spawn(join(checkout, 'millrace'), words, {
    cwd: checkout,
    env: plainEnvironment({ ...preload, ...environment }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

function moduleUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
