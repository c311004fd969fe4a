import { text } from 'node:stream/consumers';

/** Where a command reads and writes. Results go to standard output, everything said about them to standard error. */
export interface Terminal {
  /** Part of the result. */
  print(text: string): void;
  /** One line for the person, not part of the result. */
  note(line: string): void;
  /** What is printed goes to the screen of a person. */
  readonly screen: boolean;
  /** Aborted once the person has seen enough: Ctrl-C. */
  enough(): AbortSignal;
  /** A person can be asked. */
  readonly interactive: boolean;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Asks for a line; `hidden` does not show what is typed. */
  ask(question: string, options?: { hidden: boolean }): Promise<string>;
}

/** The terminal of this process. A reader that has seen enough (`| head`) ends the output quietly. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    print: (text) => void process.stdout.write(text),
    note: (line) => void process.stderr.write(`${line}\n`),
    screen: process.stdout.isTTY,
    enough() {
      const leaving = new AbortController();
      process.once('SIGINT', () => leaving.abort());
      process.once('SIGTERM', () => leaving.abort());
      return leaving.signal;
    },
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    readInput: () => text(process.stdin),
    async ask(question, { hidden } = { hidden: false }) {
      const { read } = await import('read');
      return read({ prompt: question, silent: hidden, output: process.stderr });
    },
  };
}
