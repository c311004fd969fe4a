import { jest } from '@jest/globals';
import type { GenerateEvent, GenerateRequest } from '../engine-driver.js';
import type { HostCommand, HostMessage } from './host-protocol.js';
import { ProcessReplica } from './process-replica.js';
import type { HostExit, RunningHost } from './running-host.js';

const NEVER = new AbortController().signal;
const REQUEST: GenerateRequest = {
  messages: [],
  sampling: { temperature: 0, topP: 1 },
  stop: [],
  renderedAtMs: 0,
  deliveredTokenIds: [],
  deliveredBytes: 0,
};

/** A host that says what a test tells it to, and remembers what it was told. */
class ScriptedHost implements RunningHost {
  readonly pid = 1;
  readonly told: HostCommand[] = [];
  killed = false;
  readonly exited: Promise<HostExit> = new Promise(() => undefined);
  say: (message: HostMessage) => void = () => undefined;

  onMessage(listener: (message: HostMessage) => void): void {
    this.say = listener;
  }

  tell(command: HostCommand): void {
    this.told.push(command);
  }

  kill(): void {
    this.killed = true;
  }

  async stop(): Promise<void> {
    await this.exited;
  }

  /** So many tokens of one answer. */
  generate(id: number, tokens: number): void {
    const tokenIds = Array.from({ length: tokens }, (_, index) => index);
    this.say({ type: 'answers', events: [{ id, kind: 'chunk', tokenIds, text: 'x'.repeat(tokens) }] });
  }
}

describe('a replica with a reader that does not keep up', () => {
  let host: ScriptedHost;
  let answer: AsyncIterator<GenerateEvent>;
  const spoken = (): string[] => host.told.map(({ type }) => type);

  beforeEach(async () => {
    jest.useFakeTimers();
    host = new ScriptedHost();
    const loaded = { slots: 2, contextLength: 100, measuredBytes: 1 };
    const limits = { hangTimeoutMs: 1000, maxUnreadTokens: 10 };
    const replica = new ProcessReplica(host, loaded, limits);
    answer = replica.generate(REQUEST, NEVER)[Symbol.asyncIterator]();
    const first = answer.next();
    host.generate(1, 1);
    await first;
  });
  afterEach(() => jest.useRealTimers());

  it('pauses the answer at the limit, and lets it go on when it was read', async () => {
    host.generate(1, 9);
    expect(spoken()).toEqual(['generate']);
    host.generate(1, 1);
    expect(spoken()).toEqual(['generate', 'pause']);
    await answer.next();
    expect(host.told.slice(2)).toEqual([{ type: 'resume', id: 1 }]);
  });

  it('does not take the silence of an engine whose answers are paused for a hang', () => {
    host.generate(1, 10);
    jest.advanceTimersByTime(60_000);
    expect(host.killed).toBe(false);
  });

  it('expects a sign again once the reader goes on', async () => {
    host.generate(1, 10);
    jest.advanceTimersByTime(60_000);
    await answer.next();
    const hung = answer.next();
    jest.advanceTimersByTime(2_000);
    await expect(hung).rejects.toMatchObject({ code: 'engine_hung' });
    expect(host.killed).toBe(true);
  });

  it('repeats what the host says of a request that cannot be answered', async () => {
    const refusal = { code: 'invalid_request', message: 'It cannot be.', param: 'logit_bias' } as const;
    host.say({ type: 'answers', events: [{ id: 1, kind: 'failed', ...refusal }] });
    await expect(answer.next()).rejects.toMatchObject(refusal);
  });

  it('cancels the answer when the paused reader leaves', async () => {
    host.generate(1, 10);
    await answer.return?.();
    expect(spoken()).toEqual(['generate', 'pause', 'cancel']);
  });
});
