import { jest } from '@jest/globals';
import { AnswerInbox } from './answer-inbox.js';
import { EngineError } from '../engine-driver.js';
import { HangWatchdog } from './hang-watchdog.js';

describe('the watchdog of an engine', () => {
  let hangs = 0;
  let watchdog: HangWatchdog;

  beforeEach(() => {
    jest.useFakeTimers();
    hangs = 0;
    watchdog = new HangWatchdog(1000, () => (hangs += 1));
  });
  afterEach(() => jest.useRealTimers());

  it('reports silence while there is work, once', () => {
    watchdog.start();
    jest.advanceTimersByTime(1400);
    expect(hangs).toBe(0);
    jest.advanceTimersByTime(5000);
    expect(hangs).toBe(1);
  });

  it('is content with a sign now and then', () => {
    watchdog.start();
    for (let second = 0; second < 60; second += 1) {
      jest.advanceTimersByTime(900);
      watchdog.sign();
    }
    expect(hangs).toBe(0);
  });

  it('does not watch an idle engine', () => {
    watchdog.start();
    watchdog.stop();
    jest.advanceTimersByTime(60_000);
    expect(hangs).toBe(0);
  });
});

describe('the inbox of an answer', () => {
  it('joins chunks that were not read yet', async () => {
    const inbox = new AnswerInbox();
    inbox.push({ kind: 'chunk', tokenIds: [1], text: 'a' });
    inbox.push({ kind: 'chunk', tokenIds: [2, 3], text: 'b' });
    expect(await inbox.next()).toEqual({ kind: 'chunk', tokenIds: [1, 2, 3], text: 'ab' });
  });

  it('gives what came before a failure, then the failure', async () => {
    const inbox = new AnswerInbox();
    inbox.push({ kind: 'chunk', tokenIds: [1], text: 'a' });
    inbox.fail(new EngineError('engine_crashed', 'gone'));
    expect(await inbox.next()).toMatchObject({ text: 'a' });
    await expect(inbox.next()).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  it('wakes a waiting reader', async () => {
    const inbox = new AnswerInbox();
    const reading = inbox.next();
    inbox.push({ kind: 'chunk', tokenIds: [1], text: 'a' });
    expect(await reading).toMatchObject({ text: 'a' });
  });
});
