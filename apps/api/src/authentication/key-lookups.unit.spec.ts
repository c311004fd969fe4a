import type { ApiKeyRecord } from '@millrace/domain/tenancy';
import { KeyLookups } from './key-lookups.js';

function record(keyId: string): ApiKeyRecord {
  return { keyId, tenantId: 'ten_1', kind: 'inference', disabled: false, tenantDisabled: false };
}

/** A store that answers when it is told to. */
function setUp() {
  const queries: { hashes: readonly string[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const lookups = new KeyLookups({
    findApiKeys: (hashes) =>
      new Promise((resolve, reject) => {
        const found = hashes.filter((hash) => !hash.startsWith('unknown'));
        const answer = () => resolve(new Map(found.map((hash) => [hash, record(`key_${hash}`)])));
        queries.push({ hashes, answer, fail: reject });
      }),
  });
  return { queries, lookups };
}

/** Until everything that waits for a promise alone has run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('looking keys up', () => {
  it('asks at once, and with one query for all that come meanwhile', async () => {
    const { queries, lookups } = setUp();
    const first = lookups.findApiKey('a');
    const others = Promise.all(['b', 'unknown', 'c'].map((hash) => lookups.findApiKey(hash)));
    expect(queries.map(({ hashes }) => hashes)).toEqual([['a']]);
    queries[0]?.answer();
    expect(await first).toMatchObject({ keyId: 'key_a' });
    await settled();
    expect(queries.map(({ hashes }) => hashes)).toEqual([['a'], ['b', 'unknown', 'c']]);
    queries[1]?.answer();
    expect((await others).map((found) => found?.keyId)).toEqual(['key_b', undefined, 'key_c']);
  });

  it('takes no more than 500 into a query', async () => {
    const { queries, lookups } = setUp();
    const all = Array.from({ length: 1_002 }, (_, index) => lookups.findApiKey(`h${String(index)}`));
    for (let answered = 0; answered < 4; answered += 1) {
      queries[answered]?.answer();
      await settled();
    }
    await Promise.all(all);
    expect(queries.map(({ hashes }) => hashes.length)).toEqual([1, 500, 500, 1]);
  });

  it('refuses more than it can ask for soon, while the store does not answer', async () => {
    const { queries, lookups } = setUp();
    const all = Array.from({ length: 5_001 }, (_, index) => lookups.findApiKey(`h${String(index)}`));
    await expect(lookups.findApiKey('one too many')).rejects.toThrow('Too many keys wait');
    for (let answered = 0; answered < 11; answered += 1) {
      queries[answered]?.answer();
      await settled();
    }
    expect(await Promise.all(all)).toHaveLength(5_001);
  });

  it('fails those of one query only, and goes on', async () => {
    const { queries, lookups } = setUp();
    const first = lookups.findApiKey('a');
    const second = lookups.findApiKey('b');
    queries[0]?.fail(new Error('Postgres is away'));
    await expect(first).rejects.toThrow('Postgres is away');
    await settled();
    queries[1]?.answer();
    expect(await second).toMatchObject({ keyId: 'key_b' });
  });
});
