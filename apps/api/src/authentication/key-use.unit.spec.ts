import { jest } from '@jest/globals';
import { KeyUse } from './key-use.js';

describe('when keys were used', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is written once every half minute, the last use of each key', async () => {
    const written: unknown[] = [];
    const use = new KeyUse({ noteKeyUse: async (uses) => void written.push(uses) }, () => undefined);
    use.note('key_1', 10);
    use.note('key_2', 11);
    use.note('key_1', 12);
    await jest.advanceTimersByTimeAsync(90_000);
    expect(written).toEqual([
      [
        { keyId: 'key_1', usedAtMs: 12 },
        { keyId: 'key_2', usedAtMs: 11 },
      ],
    ]);
    await use.close();
  });

  it('is written at the end too, and a failure is told', async () => {
    const problems: string[] = [];
    const noteKeyUse = () => Promise.reject(new Error('Postgres is away'));
    const use = new KeyUse({ noteKeyUse }, (_, what) => void problems.push(what));
    use.note('key_1', 10);
    await use.close();
    expect(problems).toEqual(['write down when keys were used']);
  });
});
