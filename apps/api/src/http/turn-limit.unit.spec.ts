import { TurnLimit } from './turn-limit.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('requests that come at once', () => {
  it('begin a few a turn, in their order', async () => {
    const limit = new TurnLimit(2);
    const begun: number[] = [];
    for (let request = 1; request <= 5; request += 1) limit.enter(() => begun.push(request));
    expect(begun).toEqual([1, 2]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4]);
    limit.enter(() => begun.push(6));
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('begin at once when none came before them in their turn', async () => {
    const limit = new TurnLimit(1);
    const begun: string[] = [];
    limit.enter(() => begun.push('first'));
    await turn();
    limit.enter(() => begun.push('second'));
    expect(begun).toEqual(['first', 'second']);
    await turn();
  });
});
