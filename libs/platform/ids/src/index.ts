/** Where do new ids and secrets come from? */
import { randomBytes, randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';

/** Prefixes of the public contract; `ses` is a chat completion (a job of the interactive kind). */
export type IdPrefix = 'ten' | 'key' | 'agt' | 'mod' | 'dep' | 'run' | 'rep' | 'job' | 'jtk' | 'ses' | 'req' | 'aud';

/** A new sortable id: the prefix, `_` and 26 lower-case ULID characters. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${newUlid()}`;
}

/** A ULID that names one start of one process. */
export function newBootId(): string {
  return newUlid();
}

/** Random bytes in stock: drawing them one call a character costs more than the rest of an id. */
const stock = Buffer.alloc(4_096);
let used = stock.length;

function newUlid(): string {
  return ulid(undefined, drawFraction).toLowerCase();
}

/** 0 to below 1 in steps of 1/256, of which ULID's 32 characters take equal parts. */
function drawFraction(): number {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  const byte = stock.readUInt8(used);
  used += 1;
  return byte / 256;
}

/** Kinds of secrets that millrace hands out; the kind can be read off the secret's beginning. */
export type SecretKind = 'operator' | 'tenant-admin' | 'inference' | 'agent' | 'join' | 'runner';

/** A new secret `mr-<kind>-<43 characters>` with 256 random bits. */
export function newSecret(kind: SecretKind): string {
  return `mr-${kind}-${randomBytes(32).toString('base64url')}`;
}
