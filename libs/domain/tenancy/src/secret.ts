import { createHmac } from 'node:crypto';

/** `mr-<kind>-<random part>`, as platform/ids makes them. */
const secretForm = /^mr-(?:operator|tenant-admin|inference|agent|join|runner)-(?=[A-Za-z0-9_-]{32,}$)/;
const visibleCharacters = 5;

/**
 * What is stored and looked up in place of a secret: HMAC-SHA256 under the installation's pepper, in hex.
 * Secrets carry 256 random bits, so one fast round is enough.
 */
export function hashSecret(pepper: string, secret: string): string {
  return createHmac('sha256', pepper).update(secret).digest('hex');
}

/**
 * The part of a secret that lists and error messages may show: its kind and 5 characters.
 * Empty for a text that has not the form of a millrace secret, which may be anybody's secret.
 */
export function secretPrefix(secret: string): string {
  const kind = secretForm.exec(secret)?.[0];
  return kind === undefined ? '' : secret.slice(0, kind.length + visibleCharacters);
}

/** What a store may know of a secret. */
export interface StoredSecret {
  /** The visible part. */
  prefix: string;
  secretHash: string;
}

/** The form in which a secret is stored. */
export function storedSecret(pepper: string, secret: string): StoredSecret {
  return { prefix: secretPrefix(secret), secretHash: hashSecret(pepper, secret) };
}
