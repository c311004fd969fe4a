import type { Deadline } from './deadlines.js';
import { decide } from './decide.js';
import { initialState, MAX_FAILED_ATTEMPTS, type JobEvent, type JobState } from './job-state.js';

function after(...events: JobEvent[]): { state: JobState; effects: string[] } {
  let state = initialState();
  let effects: string[] = [];
  for (const event of events) {
    const decision = decide(state, event);
    state = decision.state;
    effects = decision.effects.map((effect) => effect.kind);
  }
  return { state, effects };
}

const claim = (link: string, attempt = 1): JobEvent => ({ kind: 'claim', link, attempt });
const chunk = (link: string, seq: number, attempt = 1): JobEvent => ({ kind: 'chunk', link, attempt, seq });
const finished = (link: string, attempt = 1): JobEvent => ({ kind: 'finished', link, attempt, finishReason: 'stop' });
const crashed = (link: string, attempt = 1): JobEvent => ({
  kind: 'failed',
  link,
  attempt,
  reason: 'engine_crashed',
  retryable: true,
  message: 'The engine crashed.',
});

describe('a claim', () => {
  it('is granted to the first link that asks', () => {
    expect(after(claim('a'))).toEqual({
      state: { phase: 'claimed', attempt: 1, failures: 0, link: 'a', nextSeq: 0 },
      effects: ['assign'],
    });
  });

  it('is answered the same way when its holder repeats it', () => {
    expect(after(claim('a'), claim('a')).effects).toEqual(['assign']);
  });

  it('is refused to a second link', () => {
    const granted = after(claim('a')).state;
    expect(decide(granted, claim('b')).effects).toEqual([{ kind: 'gone', link: 'b', attempt: 1, reason: 'claimed' }]);
  });

  it('of an older attempt is superseded', () => {
    const retried = after(claim('a'), crashed('a')).state;
    expect(decide(retried, claim('b', 1)).effects).toEqual([
      { kind: 'gone', link: 'b', attempt: 1, reason: 'superseded' },
    ]);
  });

  it('of an attempt that does not exist yet is unknown', () => {
    expect(decide(initialState(), claim('a', 2)).effects).toEqual([
      { kind: 'gone', link: 'a', attempt: 2, reason: 'unknown' },
    ]);
  });

  it('of a cancelled job is refused as cancelled', () => {
    const cancelled = after({ kind: 'cancel' }).state;
    expect(decide(cancelled, claim('a')).effects).toEqual([
      { kind: 'gone', link: 'a', attempt: 1, reason: 'cancelled' },
    ]);
  });
});

describe('chunks', () => {
  it('are delivered in order', () => {
    expect(after(claim('a'), chunk('a', 0), chunk('a', 1)).effects).toEqual(['deliver']);
  });

  it('are dropped when they repeat', () => {
    expect(after(claim('a'), chunk('a', 0), chunk('a', 0)).effects).toEqual([]);
  });

  it('are dropped when another link or an older attempt sends them', () => {
    expect(after(claim('a'), chunk('b', 0)).effects).toEqual([]);
    expect(after(claim('a'), crashed('a'), claim('b', 2), chunk('a', 0, 1)).effects).toEqual([]);
  });

  it('with a gap end the attempt, which is repeated', () => {
    expect(after(claim('a'), chunk('a', 1))).toEqual({
      state: { phase: 'waiting', attempt: 2, failures: 1 },
      effects: ['cancel-on-link', 'add-ticket', 'acknowledge'],
    });
  });
});

describe('the end of an attempt', () => {
  it('completes the job when the replica finished', () => {
    expect(after(claim('a'), finished('a')).state).toMatchObject({
      phase: 'done',
      outcome: { kind: 'completed', finishReason: 'stop' },
    });
  });

  it('is acknowledged again, without effect, when the runner repeats it', () => {
    expect(after(claim('a'), finished('a'), finished('a')).effects).toEqual(['acknowledge']);
  });

  it('raises the attempt when the link breaks', () => {
    expect(after(claim('a'), { kind: 'link-lost', link: 'a' })).toEqual({
      state: { phase: 'waiting', attempt: 2, failures: 1 },
      effects: ['add-ticket'],
    });
  });

  it('means nothing when another link breaks', () => {
    expect(after(claim('a'), { kind: 'link-lost', link: 'b' }).effects).toEqual([]);
  });

  it('fails the job when the failure cannot be repeated away', () => {
    const tooLong: JobEvent = {
      kind: 'failed',
      link: 'a',
      attempt: 1,
      reason: 'context_length_exceeded',
      retryable: false,
      message: 'Too long.',
    };
    expect(after(claim('a'), tooLong).state).toMatchObject({ outcome: { reason: 'context_length_exceeded' } });
  });

  it('fails the job when the last allowed attempt dies', () => {
    const attempts = Array.from({ length: MAX_FAILED_ATTEMPTS }, (_, index) => index + 1);
    const events = attempts.flatMap((attempt) => [claim('a', attempt), crashed('a', attempt)]);
    expect(after(...events).state).toMatchObject({ phase: 'done', outcome: { kind: 'failed' } });
  });

  it('is not counted as a failure when the runner drains', () => {
    const drained: JobEvent = { ...crashed('a'), reason: 'runner_stopping' } as JobEvent;
    expect(after(claim('a'), drained).state).toMatchObject({ phase: 'waiting', attempt: 2, failures: 0 });
  });
});

describe('cancelling', () => {
  it('a waiting job removes its ticket and settles at once', () => {
    expect(after({ kind: 'cancel' }).effects).toEqual(['remove-ticket', 'settle']);
  });

  it('a running job aborts it on its link and waits for the usage', () => {
    expect(after(claim('a'), { kind: 'cancel' }).effects).toEqual(['cancel-on-link']);
    expect(after(claim('a'), { kind: 'cancel' }, finished('a')).effects).toEqual(['settle', 'acknowledge']);
  });

  it('settles without the runner when it does not answer or is gone', () => {
    expect(after(claim('a'), { kind: 'cancel' }, { kind: 'cancel-grace-over' }).effects).toEqual(['settle']);
    expect(after(claim('a'), { kind: 'cancel' }, { kind: 'link-lost', link: 'a' }).effects).toEqual(['settle']);
  });

  it('twice is the same as once', () => {
    expect(after({ kind: 'cancel' }, { kind: 'cancel' }).effects).toEqual([]);
    expect(after(claim('a'), { kind: 'cancel' }, { kind: 'cancel' }).effects).toEqual([]);
  });
});

describe('a job that nothing will ever take', () => {
  it('ends with the reason, and its ticket with it', () => {
    const { state, effects } = decide(initialState(), { kind: 'unservable', message: 'it is gone.' });
    const outcome = { kind: 'failed', reason: 'unservable', message: 'it is gone.' };
    expect(state).toMatchObject({ phase: 'done', outcome });
    expect(effects).toMatchObject([
      { kind: 'remove-ticket', attempt: 1 },
      { kind: 'settle', outcome },
    ]);
  });

  it('is left to the runner that has it already', () => {
    const { state } = decide(initialState(), { kind: 'claim', link: 'a', attempt: 1 });
    expect(decide(state, { kind: 'unservable', message: 'it is gone.' })).toEqual({ state, effects: [] });
  });
});

describe('deadlines', () => {
  const passed = (deadline: Deadline): JobEvent => ({ kind: 'deadline-passed', deadline });

  it.each(['start', 'first token', 'total'] as const)('%s expires a job that never started', (deadline) => {
    expect(after(passed(deadline))).toMatchObject({
      state: { outcome: { kind: 'expired' } },
      effects: ['remove-ticket', 'time-out', 'settle'],
    });
  });

  it('refuse a claim that comes later as expired', () => {
    const expired = after(passed('start')).state;
    expect(decide(expired, claim('a')).effects).toEqual([{ kind: 'gone', link: 'a', attempt: 1, reason: 'expired' }]);
  });

  it('leave a running job alone when it started in time', () => {
    expect(after(claim('a'), passed('start')).effects).toEqual([]);
  });

  it.each(['first token', 'inter-token', 'total'] as const)('%s aborts a running job', (deadline) => {
    expect(after(claim('a'), passed(deadline)).effects).toEqual(['cancel-on-link', 'time-out']);
  });

  it.each(['start', 'inter-token'] as const)(
    '%s means nothing to a job that waits for its next attempt',
    (deadline) => {
      expect(after(claim('a'), crashed('a'), passed(deadline)).effects).toEqual([]);
    },
  );

  it.each(['first token', 'total'] as const)('%s ends a job that waits again as one that ran', (deadline) => {
    const { state } = after(claim('a'), crashed('a'), passed(deadline));
    expect(state).toMatchObject({ phase: 'done', outcome: { kind: 'cancelled' } });
  });
});
