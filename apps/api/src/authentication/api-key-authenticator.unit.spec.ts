import { pino } from 'pino';
import { hashSecret, type ApiKeyRecord } from '@millrace/domain/tenancy';
import { ApiError } from '../http/api-error.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';

const pepper = 'pepper';
const secret = `mr-inference-${'s'.repeat(43)}`;
const header = `Bearer ${secret}`;
const known: ApiKeyRecord = {
  keyId: 'key_1',
  tenantId: 'ten_1',
  kind: 'inference',
  disabled: false,
  tenantDisabled: false,
};

/** A key source that counts what it is asked and can be held, changed and taken away. */
class FakeKeys {
  asked: string[] = [];
  records = new Map<string, ApiKeyRecord>([[hashSecret(pepper, secret), known]]);
  failure: Error | undefined;
  answering = Promise.resolve();

  async findApiKey(hash: string): Promise<ApiKeyRecord | undefined> {
    this.asked.push(hash);
    const record = this.records.get(hash);
    await this.answering;
    if (this.failure !== undefined) throw this.failure;
    return record;
  }
}

function setUp() {
  const keys = new FakeKeys();
  const clock = { nowMs: 1_000_000 };
  const logger = pino({ enabled: false });
  const uses: string[] = [];
  const use = { note: (keyId: string, nowMs: number) => void uses.push(`${keyId} at ${String(nowMs)}`) };
  const authenticator = new ApiKeyAuthenticator({ keys, pepper, nowMs: () => clock.nowMs, use, logger });
  return { keys, clock, uses, authenticator };
}

/** Holds the lookups that follow until it is called. */
function holdLookups(keys: FakeKeys): () => void {
  let release: () => void = () => undefined;
  keys.answering = new Promise((resolve) => (release = resolve));
  return () => release();
}

async function problemOf(attempt: Promise<unknown>): Promise<unknown> {
  const thrown: unknown = await attempt.then(
    () => new Error('was accepted'),
    (error: unknown) => error,
  );
  return thrown instanceof ApiError ? thrown.problem : thrown;
}

describe('authenticating', () => {
  it('names who a key acts as, and looks it up by its hash only', async () => {
    const { keys, authenticator } = setUp();
    expect(await authenticator.authenticate(header)).toEqual({ tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' });
    expect(keys.asked).toEqual([hashSecret(pepper, secret)]);
  });

  it.each([`bearer ${secret}`, `BEARER  ${secret}`, `Bearer ${secret} `])('takes %j', async (text) => {
    await expect(setUp().authenticator.authenticate(text)).resolves.toMatchObject({ keyId: 'key_1' });
  });

  it.each([undefined, '', '  ', 'Bearer', 'Bearer '])('finds no key in %j', async (text) => {
    expect(await problemOf(setUp().authenticator.authenticate(text))).toEqual({ kind: 'missing_key' });
  });

  it.each([secret, 'Basic abc', 'Bearer a b', 'Bearer sk-of-another-service'])(
    'refuses %j without a lookup',
    async (text) => {
      const { keys, authenticator } = setUp();
      expect(await problemOf(authenticator.authenticate(text))).toMatchObject({
        kind: 'refused_key',
        reason: 'unknown',
      });
      expect(keys.asked).toEqual([]);
    },
  );

  it('notes the use of a key that is accepted, and of no other', async () => {
    const { uses, keys, authenticator } = setUp();
    await authenticator.authenticate(header);
    keys.records.clear();
    authenticator.forgetKeys();
    await problemOf(authenticator.authenticate(header));
    expect(uses).toEqual(['key_1 at 1000000']);
  });

  it('tells a disabled tenant from a bad key', async () => {
    const { keys, authenticator } = setUp();
    keys.records.set(hashSecret(pepper, secret), { ...known, tenantDisabled: true });
    expect(await problemOf(authenticator.authenticate(header))).toEqual({ kind: 'tenant_disabled' });
  });
});

describe('the cache of keys', () => {
  it.each([
    [{ keyIds: ['key_1'] }, 2],
    [{ keyIds: ['key_2'] }, 1],
    [{ tenantId: 'ten_1' }, 2],
    [{ tenantId: 'ten_2' }, 1],
    [{}, 2],
  ])('after the change %j it has looked a key up %i times', async (change, lookups) => {
    const { keys, authenticator } = setUp();
    await authenticator.authenticate(header);
    authenticator.forgetKeys(change);
    await authenticator.authenticate(header);
    expect(keys.asked).toHaveLength(lookups);
  });

  it('answers for 60 s, then asks again', async () => {
    const { keys, clock, authenticator } = setUp();
    await authenticator.authenticate(header);
    clock.nowMs += 59_999;
    await authenticator.authenticate(header);
    expect(keys.asked).toHaveLength(1);
    clock.nowMs += 1;
    await authenticator.authenticate(header);
    expect(keys.asked).toHaveLength(2);
  });

  it('judges a cached key anew each time, so that it expires on time', async () => {
    const { keys, clock, authenticator } = setUp();
    keys.records.set(hashSecret(pepper, secret), { ...known, expiresAtMs: clock.nowMs + 10 });
    await authenticator.authenticate(header);
    clock.nowMs += 10;
    expect(await problemOf(authenticator.authenticate(header))).toMatchObject({ reason: 'expired' });
  });

  it('remembers for 5 s that a key does not exist', async () => {
    const { keys, clock, authenticator } = setUp();
    keys.records.clear();
    await problemOf(authenticator.authenticate(header));
    keys.records.set(hashSecret(pepper, secret), known);
    clock.nowMs += 4_999;
    expect(await problemOf(authenticator.authenticate(header))).toMatchObject({ reason: 'unknown' });
    clock.nowMs += 1;
    await expect(authenticator.authenticate(header)).resolves.toMatchObject({ keyId: 'key_1' });
  });

  it('shares one lookup between those who ask at the same time', async () => {
    const { keys, authenticator } = setUp();
    const release = holdLookups(keys);
    const attempts = Array.from({ length: 20 }, () => authenticator.authenticate(header));
    release();
    expect(await Promise.all(attempts)).toHaveLength(20);
    expect(keys.asked).toHaveLength(1);
  });

  it('keeps a key through a flood of wrong ones', async () => {
    const { keys, authenticator } = setUp();
    await authenticator.authenticate(header);
    for (let guess = 0; guess < 2_000; guess += 1) {
      await problemOf(authenticator.authenticate(`Bearer mr-inference-${String(guess).padStart(43, '0')}`));
    }
    await authenticator.authenticate(header);
    expect(keys.asked.filter((hash) => hash === hashSecret(pepper, secret))).toHaveLength(1);
  });

  it('forgets when keys were changed, even what is being looked up', async () => {
    const { keys, authenticator } = setUp();
    const release = holdLookups(keys);
    const before = authenticator.authenticate(header);
    keys.records.set(hashSecret(pepper, secret), { ...known, disabled: true });
    authenticator.forgetKeys();
    release();
    await before;
    expect(await problemOf(authenticator.authenticate(header))).toMatchObject({ reason: 'disabled' });
  });
});

describe('while Postgres is away', () => {
  it('keys seen before go on working and are asked for again after 5 s', async () => {
    const { keys, clock, authenticator } = setUp();
    await authenticator.authenticate(header);
    keys.failure = new Error('connection refused');
    clock.nowMs += 3_600_000;
    await authenticator.authenticate(header);
    clock.nowMs += 4_999;
    await authenticator.authenticate(header);
    expect(keys.asked).toHaveLength(2);
    clock.nowMs += 1;
    await authenticator.authenticate(header);
    expect(keys.asked).toHaveLength(3);
  });

  it('also after a reconnect that made every key doubtful', async () => {
    const { keys, authenticator } = setUp();
    await authenticator.authenticate(header);
    keys.failure = new Error('connection refused');
    authenticator.distrustKeys();
    await expect(authenticator.authenticate(header)).resolves.toMatchObject({ keyId: 'key_1' });
    expect(keys.asked).toHaveLength(2);
  });

  it('unknown keys, and those known to be changed, are told to come back', async () => {
    const { keys, authenticator } = setUp();
    await authenticator.authenticate(header);
    keys.failure = new Error('connection refused');
    expect(await problemOf(authenticator.authenticate(`Bearer mr-inference-${'o'.repeat(43)}`))).toMatchObject({
      kind: 'out_of_reach',
    });
    authenticator.forgetKeys();
    expect(await problemOf(authenticator.authenticate(header))).toMatchObject({ kind: 'out_of_reach' });
  });

  it('a failed lookup is not remembered', async () => {
    const { keys, authenticator } = setUp();
    keys.failure = new Error('connection refused');
    await problemOf(authenticator.authenticate(header));
    keys.failure = undefined;
    await expect(authenticator.authenticate(header)).resolves.toMatchObject({ keyId: 'key_1' });
  });
});
