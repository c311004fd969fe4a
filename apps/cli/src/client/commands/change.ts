import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import type { AdminRequest } from '../admin-api/admin-request.js';
import { ClientError, wrongUsage } from '../client-error.js';
import type { Client } from '../client-command.js';
import { CLEARED, version } from '../option-values.js';

export interface CreateOptions {
  idempotencyKey?: string;
}

export interface UpdateOptions {
  ifVersion?: number;
}

export interface DeleteOptions {
  yes?: boolean;
}

export function createOptions(): Option[] {
  return [
    new Option(
      '--idempotency-key <text>',
      'a text of yours; the same command with the same text is done once, however often it is sent',
    ),
  ];
}

export function updateOptions(): Option[] {
  return [new Option('--if-version <number>', 'change it only when it still has this version').argParser(version)];
}

export function deleteOptions(): Option[] {
  return [new Option('--yes', 'do not ask')];
}

/** A request that creates something or has another effect, and does so once even when it has to be repeated. */
export function post(path: string, body: object, { idempotencyKey = randomUUID() }: CreateOptions): AdminRequest {
  return { method: 'POST', path, body: withCleared(body, undefined), headers: { 'idempotency-key': idempotencyKey } };
}

/** Throws when a merge patch would change nothing. */
export function requireChange(body: object): void {
  if (Object.values(body).some((value) => value !== undefined)) return;
  throw wrongUsage('Say what to change: --help lists what can be.');
}

/** A merge patch: what is undefined stays, what is cleared becomes null. */
export function patch(path: string, body: object, { ifVersion }: UpdateOptions): AdminRequest {
  const headers = ifVersion === undefined ? {} : { 'if-match': `"${String(ifVersion)}"` };
  return { method: 'PATCH', path, body: withCleared(body, null), headers };
}

/** Goes on when `--yes` was given or the person agrees; throws otherwise. */
export async function confirmDelete({ terminal }: Client, what: string, { yes = false }: DeleteOptions): Promise<void> {
  if (yes) return;
  if (!terminal.interactive) throw wrongUsage(`To delete ${what} without being asked, add --yes.`);
  const answer = await terminal.ask(`Delete ${what}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new ClientError('Nothing was deleted.');
}

/** Writes what stands for "take it away" as the method has it: what is created leaves it out. */
function withCleared(body: object, value: null | undefined): object {
  const written = (each: unknown) => {
    if (each === CLEARED) return value;
    return typeof each === 'object' && each !== null && !Array.isArray(each) ? withCleared(each, value) : each;
  };
  return Object.fromEntries(Object.entries(body).map(([name, each]) => [name, written(each)]));
}
