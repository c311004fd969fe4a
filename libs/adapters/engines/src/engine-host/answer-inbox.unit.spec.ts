import { EngineError } from '../engine-driver.js';
import type { GenerateEvent } from '../engine-driver.js';
import { AnswerInbox } from './answer-inbox.js';

const usage = { promptTokens: 1, completionTokens: 1, cachedTokens: 0 };

function inboxFor(maxUnreadTokens: number): { inbox: AnswerInbox; heard: boolean[] } {
  const heard: boolean[] = [];
  return { inbox: new AnswerInbox({ maxUnreadTokens, onFull: (full) => heard.push(full) }), heard };
}

function chunk(...tokenIds: number[]): GenerateEvent {
  return { kind: 'chunk', tokenIds, text: 'x'.repeat(tokenIds.length) };
}

describe('the inbox of an answer', () => {
  it('joins chunks that were not read yet', async () => {
    const { inbox } = inboxFor(10);
    inbox.push({ kind: 'chunk', tokenIds: [1], text: 'a' });
    inbox.push({ kind: 'chunk', tokenIds: [2, 3], text: 'b' });
    expect(await inbox.next()).toEqual({ kind: 'chunk', tokenIds: [1, 2, 3], text: 'ab' });
  });

  it('gives what came before a failure, then the failure', async () => {
    const { inbox } = inboxFor(10);
    inbox.push(chunk(1));
    inbox.fail(new EngineError('engine_crashed', 'gone'));
    expect(await inbox.next()).toMatchObject({ tokenIds: [1] });
    await expect(inbox.next()).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  it('wakes a waiting reader', async () => {
    const { inbox } = inboxFor(10);
    const reading = inbox.next();
    inbox.push(chunk(1));
    expect(await reading).toMatchObject({ tokenIds: [1] });
  });

  it('gathers until the window of a busy process ends, and no longer than the answer lasts', async () => {
    const { inbox } = inboxFor(10);
    let endWindow: () => void = () => undefined;
    const busy = { idle: false, later: (work: () => void) => (endWindow = work) };
    const gathered = inbox.gather(busy);
    inbox.push(chunk(1));
    inbox.push(chunk(2));
    endWindow();
    await gathered;
    expect(await inbox.next()).toMatchObject({ tokenIds: [1, 2] });
    const cutShort = inbox.gather(busy);
    inbox.push({ kind: 'finished', reason: 'stop', usage });
    await cutShort;
    await inbox.gather(busy);
    await inbox.gather({ idle: true, later: busy.later });
  });

  it('says once that too much waits, and once that the reader has caught up', async () => {
    const { inbox, heard } = inboxFor(3);
    inbox.push(chunk(1, 2));
    expect(heard).toEqual([]);
    inbox.push(chunk(3));
    inbox.push(chunk(4));
    expect(heard).toEqual([true]);
    await inbox.next();
    expect(heard).toEqual([true, false]);
  });

  it('never asks a reader who keeps up to wait', async () => {
    const { inbox, heard } = inboxFor(3);
    for (let id = 0; id < 20; id += 1) {
      inbox.push(chunk(id, id));
      await inbox.next();
    }
    inbox.push({ kind: 'finished', reason: 'stop', usage });
    expect(heard).toEqual([]);
  });
});
