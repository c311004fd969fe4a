import { SendCredit } from './send-credit.js';

async function isPending(promise: Promise<void> | undefined): Promise<boolean> {
  const pending = Symbol('pending');
  await Promise.resolve();
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}

describe('the credit of an attempt', () => {
  it('holds back once it is spent, until the owner gives more', async () => {
    const credit = new SendCredit(4);
    credit.spend(3);
    expect(credit.used()).toBeUndefined();
    credit.spend(3);
    const waiting = credit.used();
    credit.give(2);
    expect(await isPending(waiting)).toBe(true);
    credit.give(1);
    await expect(waiting).resolves.toBeUndefined();
    expect(credit.used()).toBeUndefined();
  });

  it('of 0 never holds back', () => {
    const credit = new SendCredit(0);
    credit.spend(1_000_000);
    expect(credit.used()).toBeUndefined();
  });

  it('holds back nothing that is to end', async () => {
    const credit = new SendCredit(1);
    credit.spend(1);
    const waiting = credit.used();
    credit.lift();
    await waiting;
    credit.spend(1_000);
    expect(credit.used()).toBeUndefined();
  });
});
