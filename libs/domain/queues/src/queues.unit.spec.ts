import { estimateWaitMs } from './estimate-wait.js';
import { sumQueueParts, type QueuePart } from './queue-state.js';

function part(changes: Partial<QueuePart>): QueuePart {
  const nothing = { waiting: 0, running: 0, oldestWaitMs: 0, tokensPerSecond: 0, answers: 0, meanAnswerTokens: 0 };
  return { deploymentId: 'dep_1', ...nothing, byTenant: {}, byBand: {}, ...changes };
}

describe('the parts of a queue', () => {
  it('add up by deployment, tenant and band', () => {
    const sums = sumQueueParts([
      part({ waiting: 2, running: 1, byTenant: { a: { waiting: 2, running: 1 } }, tokensPerSecond: 10 }),
      part({ deploymentId: 'dep_2', waiting: 7 }),
      part({
        waiting: 3,
        byTenant: { a: { waiting: 1, running: 0 }, b: { waiting: 2, running: 0 } },
        byBand: { standard: { waiting: 3, running: 0 } },
        tokensPerSecond: 5,
      }),
    ]);
    expect(sums.get('dep_1')).toMatchObject({
      waiting: 5,
      running: 1,
      tokensPerSecond: 15,
      byTenant: { a: { waiting: 3, running: 1 }, b: { waiting: 2, running: 0 } },
      byBand: { standard: { waiting: 3, running: 0 } },
    });
    expect(sums.get('dep_2')).toMatchObject({ waiting: 7 });
  });

  it('have the oldest wait of all, and the mean length of all answers', () => {
    const sums = sumQueueParts([
      part({ oldestWaitMs: 5, answers: 1, meanAnswerTokens: 10 }),
      part({ oldestWaitMs: 9, answers: 3, meanAnswerTokens: 30 }),
    ]);
    expect(sums.get('dep_1')).toMatchObject({ oldestWaitMs: 9, answers: 4, meanAnswerTokens: 25 });
  });
});

describe('the estimated wait', () => {
  it('is the time to generate one usual answer per place', () => {
    expect(estimateWaitMs(3, { tokensPerSecond: 100, answers: 8, meanAnswerTokens: 50 })).toBe(1_500);
  });

  it('is unknown before anything was generated', () => {
    expect(estimateWaitMs(3, { tokensPerSecond: 0, answers: 8, meanAnswerTokens: 50 })).toBeUndefined();
    expect(estimateWaitMs(3, { tokensPerSecond: 100, answers: 0, meanAnswerTokens: 0 })).toBeUndefined();
  });
});
