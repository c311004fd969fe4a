import { admit } from './admit.js';

describe('admission', () => {
  it('admits while the process holds fewer jobs than it may', () => {
    expect(admit({ openJobs: 9, newJobs: 1, maxOpenJobs: 10 })).toEqual({ outcome: 'admitted' });
  });

  it('counts every job that a call needs', () => {
    expect(admit({ openJobs: 7, newJobs: 3, maxOpenJobs: 10 })).toEqual({ outcome: 'admitted' });
    expect(admit({ openJobs: 8, newJobs: 3, maxOpenJobs: 10 })).toMatchObject({ outcome: 'rejected' });
  });

  it('rejects with a time to wait when the process is full', () => {
    expect(admit({ openJobs: 10, newJobs: 1, maxOpenJobs: 10 })).toEqual({
      outcome: 'rejected',
      reason: 'queue_full',
      retryAfterMs: 1_000,
    });
  });
});
