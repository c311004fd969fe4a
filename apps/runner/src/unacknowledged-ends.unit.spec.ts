import { FailureCode, FinishReason, type Failed, type Finished } from '@millrace/contracts/runner-protocol';
import { UnacknowledgedEnds } from './unacknowledged-ends.js';

const usage = { promptTokens: 5, completionTokens: 2, cachedTokens: 1 };
const finished = (jobId: string, attempt = 1): Finished => ({
  jobId,
  attempt,
  finishReason: FinishReason.FINISH_REASON_STOP,
  usage,
});
const failed: Failed = {
  jobId: 'ses_f',
  attempt: 2,
  code: FailureCode.FAILURE_CODE_ENGINE_ERROR,
  retryable: true,
  message: 'No.',
  usage: undefined,
};
const nobody = () => false;

describe('ends that nobody has acknowledged', () => {
  it('are orphaned while their owner is out of reach', () => {
    const ends = new UnacknowledgedEnds();
    ends.add('gone', finished('ses_1'));
    ends.add('gone', failed);
    ends.add('there', finished('ses_2'));
    expect(ends.orphaned((owner) => owner === 'there')).toEqual([
      { owner: 'gone', ...finished('ses_1') },
      { owner: 'gone', jobId: 'ses_f', attempt: 2, finishReason: FinishReason.FINISH_REASON_CANCELLED },
    ]);
  });

  it('are forgotten once they are acknowledged, each attempt by itself', () => {
    const ends = new UnacknowledgedEnds();
    ends.add('gone', finished('ses_1', 1));
    ends.add('gone', finished('ses_1', 2));
    ends.acknowledge({ jobId: 'ses_1', attempt: 1 });
    expect(ends.orphaned(nobody)).toMatchObject([{ attempt: 2 }]);
  });

  it('are forgotten when their owner is back, which meters its jobs itself', () => {
    const ends = new UnacknowledgedEnds();
    ends.add('back', finished('ses_1'));
    ends.add('gone', finished('ses_2'));
    ends.ownerIsBack('back');
    expect(ends.orphaned(nobody)).toMatchObject([{ jobId: 'ses_2' }]);
  });

  it('are kept for ten minutes', () => {
    const clock = { nowMs: 0 };
    const ends = new UnacknowledgedEnds(() => clock.nowMs);
    ends.add('gone', finished('ses_1'));
    clock.nowMs = 600_000;
    expect(ends.orphaned(nobody)).toHaveLength(1);
    clock.nowMs += 1;
    expect(ends.orphaned(nobody)).toEqual([]);
  });

  it('are bounded: the oldest are given up', () => {
    const ends = new UnacknowledgedEnds();
    for (let job = 0; job <= 10_000; job++) ends.add('gone', finished(`ses_${String(job)}`));
    const orphaned = ends.orphaned(nobody);
    expect(orphaned).toHaveLength(10_000);
    expect(orphaned[0]?.jobId).toBe('ses_1');
  });
});
