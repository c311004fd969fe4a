import { execFile, type ChildProcess } from 'node:child_process';

/** Under which user a command runs; left out: the own one. */
export interface CommandUser {
  uid: number;
  gid: number;
}

export interface CommandOptions {
  user?: CommandUser | undefined;
  cwd?: string;
  /** Replaces the inherited environment. */
  env?: Record<string, string>;
  timeoutMs?: number;
}

export type CommandResult = { ok: true; output: string } | { ok: false; reason: string };

/** Programs that run now; they end with this process, whose start they serve. */
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a program to its end. A program that is missing, fails or takes too long is an answer, not an exception. */
export function runCommand(
  command: string,
  commandArguments: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { user, timeoutMs = 120_000, ...rest } = options;
  return new Promise((resolve) => {
    const settings = { ...rest, ...user, timeout: timeoutMs, encoding: 'utf8' as const };
    const child = execFile(command, commandArguments, settings, (error, stdout, stderr) => {
      running.delete(child);
      if (error === null) resolve({ ok: true, output: stdout });
      else resolve({ ok: false, reason: lastLine(stderr) ?? error.message });
    });
    running.add(child);
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
