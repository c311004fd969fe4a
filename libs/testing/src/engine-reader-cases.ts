import type { EngineReplica, GenerateEvent, GenerateRequest } from '@millrace/adapters/engines';
import { ask, NEVER, read } from './engine-answer.js';
import type { GivenEngine } from './engine-under-test.js';

const MAX_UNREAD_TOKENS = 8;

/** Readers that do not keep up with the engine. */
export function describeReaders(given: () => GivenEngine): void {
  it('stops generating for a reader that does not read, and for nobody else', async () => {
    const { createDriver, settings, story } = given();
    const driver = createDriver({ maxUnreadTokens: MAX_UNREAD_TOKENS });
    const replica = await driver.load(settings, () => undefined, NEVER);
    const undisturbed = await read(replica, ask(story));
    const answer = eventsOf(replica, ask(story));
    const first = await answer.next();
    for (let other = 0; other < 3; other += 1) expect((await read(replica, ask(story))).text).toBe(undisturbed.text);
    // All that waits comes at once: what the limit allows, and what was on its way when it was reached.
    const waiting = await answer.next();
    expect(tokensOf(waiting)).toBeGreaterThanOrEqual(MAX_UNREAD_TOKENS);
    expect(tokensOf(waiting)).toBeLessThan(undisturbed.tokenIds.length / 2);
    const rest = await answer.rest();
    expect([first, waiting, ...rest].map(textOf).join('')).toBe(undisturbed.text);
    await replica.stop();
  });

  it('cancels an answer that waits for its reader', async () => {
    const { createDriver, settings, story } = given();
    const driver = createDriver({ maxUnreadTokens: 1 });
    const replica = await driver.load({ ...settings, slots: 1 }, () => undefined, NEVER);
    const controller = new AbortController();
    const answer = eventsOf(replica, ask(story), controller.signal);
    await answer.next();
    controller.abort();
    expect((await answer.rest()).at(-1)).toMatchObject({ kind: 'finished', reason: 'cancelled' });
    expect((await read(replica, ask(story, { maxCompletionTokens: 3 }))).tokenIds).toHaveLength(3);
    await replica.stop();
  });
}

/** The events of an answer, read one by one. */
function eventsOf(
  replica: EngineReplica,
  request: GenerateRequest,
  signal = NEVER,
): { next: () => Promise<GenerateEvent>; rest: () => Promise<GenerateEvent[]> } {
  const events = replica.generate(request, signal)[Symbol.asyncIterator]() as AsyncIterator<GenerateEvent, undefined>;
  const next = async (): Promise<GenerateEvent> => {
    const { value } = await events.next();
    if (value === undefined) throw new Error('The answer ended before it was finished.');
    return value;
  };
  const rest = async (): Promise<GenerateEvent[]> => {
    const all = [await next()];
    while (all.at(-1)?.kind === 'chunk') all.push(await next());
    return all;
  };
  return { next, rest };
}

function tokensOf(event: GenerateEvent): number {
  return event.kind === 'chunk' ? event.tokenIds.length : 0;
}

function textOf(event: GenerateEvent): string {
  return event.kind === 'chunk' ? event.text : '';
}
