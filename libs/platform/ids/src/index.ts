/** Where do new ids and secrets come from? */
import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';

/** Prefixes of the public contract; `ses` is a chat completion (a job of the interactive kind). */
export type IdPrefix = 'ten' | 'key' | 'agt' | 'mod' | 'dep' | 'run' | 'rep' | 'job' | 'jtk' | 'ses' | 'req';

/** A new sortable id: the prefix, `_` and 26 lower-case ULID characters. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${ulid().toLowerCase()}`;
}

/** A ULID that names one start of one process. */
export function newBootId(): string {
  return ulid().toLowerCase();
}

/** Kinds of secrets that millrace hands out; the kind can be read off the secret's beginning. */
export type SecretKind = 'operator' | 'tenant-admin' | 'inference' | 'agent' | 'join' | 'runner';

/** A new secret `mr-<kind>-<43 characters>` with 256 random bits. */
export function newSecret(kind: SecretKind): string {
  return `mr-${kind}-${randomBytes(32).toString('base64url')}`;
}
