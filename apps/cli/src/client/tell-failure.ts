import { CommanderError, type Command } from 'commander';
import { ClientError } from './client-error.js';
import type { Terminal } from './terminal.js';

/** Lets a program and the commands added to it afterwards speak through the terminal, and end by throwing. */
export function speakThrough(program: Command, terminal: Terminal): Command {
  return program.exitOverride().configureOutput({
    writeOut: (text) => terminal.print(text),
    writeErr: (text) => terminal.note(text.replace(/\n$/, '')),
  });
}

/**
 * Tells what ended a command, in words and never as a stack, and answers the exit status: 0 when help or version was
 * asked for, 2 for a wrong command line, 1 for everything else.
 */
export function tellFailure(error: unknown, terminal: Terminal): 0 | 1 | 2 {
  // commander has told it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  terminal.note(error instanceof Error ? error.message : String(error));
  return error instanceof ClientError ? error.exitStatus : 1;
}
