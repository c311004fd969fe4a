import { createLogger } from '@millrace/platform/observability';
import { SchedulingLoop } from './scheduling-loop.js';

const logger = createLogger('test', 'error');

describe('the loop', () => {
  it('runs nothing before it is started and nothing after it is stopped', async () => {
    let passes = 0;
    const loop = new SchedulingLoop(() => Promise.resolve(++passes < 0), logger);
    loop.poke();
    expect(passes).toBe(0);
    loop.start();
    await loop.stop();
    loop.poke();
    expect(passes).toBe(1);
  });

  it('never runs two passes at once, and runs one more for a poke in between', async () => {
    let running = 0;
    let passes = 0;
    const loop = new SchedulingLoop(async () => {
      running += 1;
      passes += 1;
      expect(running).toBe(1);
      if (passes === 1) {
        loop.poke();
        loop.poke();
      }
      await Promise.resolve();
      running -= 1;
      if (passes === 2) finished();
      return false;
    }, logger);
    let finished: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finished = resolve));
    loop.start();
    await done;
    await loop.stop();
    expect(passes).toBe(2);
  });

  it('runs again at once while something changes', async () => {
    const answers = [true, true, false];
    let finished: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finished = resolve));
    const loop = new SchedulingLoop(() => {
      const again = answers.shift() ?? false;
      if (answers.length === 0) finished();
      return Promise.resolve(again);
    }, logger);
    loop.start();
    await done;
    await loop.stop();
    expect(answers).toEqual([]);
  });

  it('rests after a long pass, however often it is poked', async () => {
    const passes: { beganAtMs: number; endedAtMs: number }[] = [];
    let finished: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finished = resolve));
    const loop = new SchedulingLoop(async () => {
      const beganAtMs = performance.now();
      while (performance.now() < beganAtMs + 20) loop.poke();
      passes.push({ beganAtMs, endedAtMs: performance.now() });
      loop.poke();
      if (passes.length === 2) finished();
      return Promise.resolve(false);
    }, logger);
    loop.start();
    await done;
    await loop.stop();
    const [first, second] = passes;
    expect((second?.beganAtMs ?? 0) - (first?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(59);
  });
});
