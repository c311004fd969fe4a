import { Command } from 'commander';
import { addClientCommands } from '../src/client/client-commands.js';
import { speakThrough, tellFailure } from '../src/client/tell-failure.js';
import type { FakeServer } from './fake-server.js';
import type { Terminal } from '../src/client/terminal.js';

/** How a command ended and what it said. */
export interface Ran {
  status: number;
  /** Standard output. */
  output: string;
  /** Standard error. */
  notes: string;
  /** What the person was asked. */
  questions: string[];
}

/** The world around a command. */
export interface ClientWorld {
  environment?: Record<string, string>;
  checkout?: string;
  /** Standard input. */
  input?: string;
  /** What the person answers; without, there is nobody. */
  answers?: string;
  /** Results go to the screen of a person. */
  screen?: boolean;
  /** Called with all that was printed so far; the person leaves once it answers true. */
  enough?: (output: string) => boolean;
}

/** Runs one client command in this process, with a terminal that remembers. */
export async function runClient(words: readonly string[], world: ClientWorld = {}): Promise<Ran> {
  const { environment = {}, checkout = '/nowhere', input = '', answers, screen = false } = world;
  const leaving = new AbortController();
  const ran: Ran = { status: 0, output: '', notes: '', questions: [] };
  const terminal: Terminal = {
    print: (text) => {
      ran.output += text;
      if (world.enough?.(ran.output) === true) leaving.abort();
    },
    screen,
    enough: () => leaving.signal,
    note: (line) => void (ran.notes += `${line}\n`),
    interactive: answers !== undefined,
    readInput: () => Promise.resolve(input),
    ask: (question) => {
      ran.questions.push(question);
      return Promise.resolve(answers ?? '');
    },
  };
  const program = speakThrough(new Command('millrace'), terminal);
  addClientCommands(program, { checkout, terminal, environment: { XDG_CONFIG_HOME: '/nowhere', ...environment } });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    ran.status = tellFailure(error, terminal);
  }
  return ran;
}

/** Runs commands against a server, with a key that the environment says. */
export function clientOf(server: () => FakeServer, key: string) {
  return (words: string, world: ClientWorld = {}) => {
    const environment = { MILLRACE_URL: server().url, MILLRACE_KEY: key, ...world.environment };
    return runClient(words.split(' '), { ...world, environment });
  };
}
