import { StopSteps } from './stop-steps.js';

describe('StopSteps', () => {
  it('runs the last added step first, each after the one before has ended', async () => {
    const seen: string[] = [];
    const steps = new StopSteps(() => undefined);
    steps.add(() => Promise.resolve(void seen.push('opened first')));
    steps.add(async () => {
      seen.push('opened last begins');
      await Promise.resolve();
      seen.push('opened last ends');
    });
    await steps.run();
    expect(seen).toEqual(['opened last begins', 'opened last ends', 'opened first']);
  });

  it('reports a failing step and runs the others', async () => {
    const failures: unknown[] = [];
    let ran = false;
    const steps = new StopSteps((error) => failures.push(error));
    steps.add(() => Promise.resolve(void (ran = true)));
    steps.add(() => Promise.reject(new Error('disk full')));
    await steps.run();
    expect(failures).toEqual([new Error('disk full')]);
    expect(ran).toBe(true);
  });
});
