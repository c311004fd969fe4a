import { admit } from './admit.js';

describe('admission', () => {
  it('admits while the process holds fewer jobs than it may', () => {
    expect(admit({ openJobs: 9, maxOpenJobs: 10 })).toEqual({ outcome: 'admitted' });
  });

  it('rejects with a time to wait when the process is full', () => {
    expect(admit({ openJobs: 10, maxOpenJobs: 10 })).toEqual({
      outcome: 'rejected',
      reason: 'queue_full',
      retryAfterMs: 1_000,
    });
  });
});
