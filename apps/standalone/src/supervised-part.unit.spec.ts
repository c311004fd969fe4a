import { SupervisedPart, type RunningPart } from './supervised-part.js';

interface FakePart extends RunningPart {
  die(): void;
}

function fakePart(pid: number): FakePart {
  let die: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => (die = resolve));
  return { pid, exited, die, stop: () => Promise.resolve(die()) };
}

/** Collects what happens and lets a test wait for the next run. */
function witness() {
  const seen: string[] = [];
  const waiting = new Map<string, () => void>();
  const note = (text: string) => {
    seen.push(text);
    waiting.get(text)?.();
  };
  return {
    seen,
    events: {
      onRunning: (_: string, pid: number) => note(`runs as ${String(pid)}`),
      onDied: (_: string, delayMs: number, reason: string) => note(`${reason}, again in ${String(delayMs)}`),
    },
    until: (text: string) =>
      seen.includes(text) ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(text, resolve)),
  };
}

describe('a supervised part', () => {
  it('is started again when it dies, with a longer wait each time', async () => {
    const { seen, events, until } = witness();
    const processes = [fakePart(1), fakePart(2), fakePart(3)];
    let next = 0;
    const part = new SupervisedPart('api', () => Promise.resolve(processes[next++] ?? fakePart(99)), events);
    await part.start();
    processes[0]?.die();
    await until('runs as 2');
    processes[1]?.die();
    await until('runs as 3');
    await part.stop();
    expect(seen).toEqual(['runs as 1', 'it ended, again in 200', 'runs as 2', 'it ended, again in 400', 'runs as 3']);
  });

  it('says why it was killed when it is started again', async () => {
    const { seen, events, until } = witness();
    const frozen = { ...fakePart(1), killedBecause: () => 'it gave no sign' };
    const processes = [frozen, fakePart(2)];
    const part = new SupervisedPart('runner', () => Promise.resolve(processes.shift() ?? fakePart(99)), events);
    await part.start();
    frozen.die();
    await until('runs as 2');
    await part.stop();
    expect(seen).toEqual(['runs as 1', 'it gave no sign, again in 200', 'runs as 2']);
  });

  it('is tried again when its start fails', async () => {
    const { seen, events, until } = witness();
    const first = fakePart(1);
    const outcomes = [
      () => Promise.resolve(first),
      () => Promise.reject(new Error('no memory')),
      () => Promise.resolve(fakePart(2)),
    ];
    const part = new SupervisedPart(
      'api',
      () => outcomes.shift()?.() ?? Promise.reject(new Error('too often')),
      events,
    );
    await part.start();
    first.die();
    await until('runs as 2');
    await part.stop();
    expect(seen).toEqual(['runs as 1', 'it ended, again in 200', 'no memory, again in 400', 'runs as 2']);
  });

  it('fails its first start instead of trying for ever', async () => {
    const { seen, events } = witness();
    const part = new SupervisedPart('api', () => Promise.reject(new Error('the port is taken')), events);
    await expect(part.start()).rejects.toThrow('the port is taken');
    expect(seen).toEqual([]);
  });

  it('stays down once it was stopped', async () => {
    const { seen, events } = witness();
    const only = fakePart(1);
    const part = new SupervisedPart('api', () => Promise.resolve(only), events);
    await part.start();
    await part.stop();
    await only.exited;
    expect(seen).toEqual(['runs as 1']);
  });
});
