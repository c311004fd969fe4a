import { ClientError, wrongUsage } from '../client-error.js';

/** Which server a command talks to, and as whom. */
export interface Connection {
  /** Without `/v1`, `/admin/v1` and a slash at its end. */
  readonly url: string;
  readonly key: string;
  /** In words, for a person. */
  readonly urlFrom: string;
  readonly keyFrom: string;
}

/** One place that may say where to connect, or a part of it. */
export interface ConnectionSource {
  /** In words: `MILLRACE_URL`, `the profile prod`. */
  readonly urlFrom: string;
  readonly keyFrom: string;
  read(): Promise<{ url?: string | undefined; key?: string | undefined }>;
}

const NOWHERE =
  'It is not said which millrace to talk to: start one here with npm start, or name one with --url and --key-stdin, ' +
  'with MILLRACE_URL and MILLRACE_KEY, or with a profile (./millrace profiles add --help).';

/**
 * Takes address and key from the first source that has them. A source is read only when those before it leave
 * something open, and the key that a source keeps for its own address is never sent to another one.
 */
export async function chooseConnection(sources: readonly ConnectionSource[]): Promise<Connection> {
  const chosen: { -readonly [Part in keyof Connection]?: Connection[Part] } = {};
  for (const source of sources) {
    if (chosen.url !== undefined && chosen.key !== undefined) break;
    const { url, key } = await source.read();
    const base = url === undefined ? undefined : baseOf(url, source.urlFrom);
    if (chosen.url === undefined && base !== undefined) Object.assign(chosen, { url: base, urlFrom: source.urlFrom });
    const keyIsForIt = base === undefined || sameOrigin(base, chosen.url);
    if (chosen.key === undefined && key !== undefined && keyIsForIt) {
      Object.assign(chosen, { key: keyOf(key, source.keyFrom), keyFrom: source.keyFrom });
    }
  }
  return complete(chosen);
}

function complete({ url, key, urlFrom = '', keyFrom = '' }: Partial<Connection>): Connection {
  if (url === undefined) throw new ClientError(NOWHERE);
  if (key !== undefined) return { url, key, urlFrom, keyFrom };
  throw new ClientError(
    `There is no key for ${url} (from ${urlFrom}): give one with --key-stdin, MILLRACE_KEY or a profile for that address.`,
  );
}

/** People paste the base URL of an OpenAI client, too. */
function baseOf(text: string, from: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw wrongUsage(`The address from ${from} is not a URL like http://127.0.0.1:8080: correct it.`);
  }
  const { origin, pathname } = new URL(text);
  return origin + pathname.replace(/\/+$/, '').replace(/(\/admin)?\/v1$/, '');
}

/** A key travels in a header; what cannot is no key, and is not shown, as it may be another secret. */
function keyOf(text: string, from: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const found = key === '' ? 'is empty' : 'holds characters that no API key has';
  throw wrongUsage(`The key from ${from} ${found}: give the whole key, as it was shown when it was created.`);
}

function sameOrigin(one: string, other: string | undefined): boolean {
  return other !== undefined && new URL(one).origin === new URL(other).origin;
}
