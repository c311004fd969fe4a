import { jest } from '@jest/globals';
import { quotaMonth } from '@millrace/domain/admission';
import { MonthUsage, type TokensUsed } from './month-usage.js';

const month = quotaMonth(Date.parse('2026-11-25T00:00:00Z'));

describe('what was used of a month', () => {
  it('is asked once by all who ask at a time', async () => {
    let questions = 0;
    const used = { tenant: 5, key: 2 };
    const tokensBetween = (): Promise<TokensUsed> => {
      questions += 1;
      return Promise.resolve(used);
    };
    const usage = new MonthUsage({ source: { tokensBetween }, onError: () => undefined });
    const read = () => usage.read('ten_1', 'key_1', month);
    expect(await Promise.all([read(), read()])).toEqual([used, used]);
    expect(questions).toBe(1);
    await read();
    expect(questions).toBe(2);
  });

  it('is unknown when Postgres refuses, or does not answer while a caller can wait', async () => {
    jest.useFakeTimers();
    const errors: string[] = [];
    const answers = [Promise.reject(new Error('away')), new Promise<TokensUsed>(() => undefined)];
    const tokensBetween = (): Promise<TokensUsed> => answers.shift() ?? Promise.reject(new Error('no more'));
    const onError = (error: unknown): void => void errors.push((error as Error).message);
    const usage = new MonthUsage({ source: { tokensBetween }, onError });
    expect(await usage.read('ten_1', 'key_1', month)).toBeUndefined();
    const silent = usage.read('ten_1', 'key_1', month);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await silent).toBeUndefined();
    expect(errors).toEqual(['away', 'Postgres did not answer in time']);
    jest.useRealTimers();
  });
});
