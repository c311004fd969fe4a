import { runCommand, type CommandUser } from './run-command.js';

/** `nobody` on every Linux; Postgres refuses to run as root. */
const NOBODY: CommandUser = { uid: 65_534, gid: 65_534 };

/** The user Postgres runs under: the own one, except for root. */
export function serverUser(): CommandUser | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

/** Whether that user may pass through all folders down to `folder`; modes, ACLs and mounts included. */
export async function canEnter(folder: string, user: CommandUser | undefined): Promise<boolean> {
  const result = await runCommand('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { user, cwd: '/' });
  return result.ok;
}
