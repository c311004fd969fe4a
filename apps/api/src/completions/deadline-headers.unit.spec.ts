import { readDeadlineHeaders } from './deadline-headers.js';

describe('the headers that set deadlines', () => {
  it('name each deadline in milliseconds', () => {
    const headers = {
      'x-millrace-start-deadline-ms': '1',
      'x-millrace-first-token-deadline-ms': '2000',
      'x-millrace-inter-token-deadline-ms': '30',
      'x-millrace-total-deadline-ms': '999999999999999',
    };
    expect(readDeadlineHeaders(headers)).toEqual({
      startDeadlineMs: 1,
      firstTokenDeadlineMs: 2_000,
      interTokenDeadlineMs: 30,
      totalDeadlineMs: 999_999_999_999_999,
    });
  });

  it('may be left out', () => {
    expect(readDeadlineHeaders({ accept: '*/*' })).toEqual({});
  });

  it.each(['0', '-1', '1.5', '1e3', ' ', '', '10s', '1, 2', '9'.repeat(16)])('are refused by name as "%s"', (value) => {
    expect(() => readDeadlineHeaders({ 'x-millrace-total-deadline-ms': value })).toThrow(
      expect.objectContaining({
        problem: {
          kind: 'invalid_request',
          error: {
            message: expect.stringContaining("'x-millrace-total-deadline-ms'") as string,
            param: 'x-millrace-total-deadline-ms',
            code: 'invalid_value',
          },
        },
      }),
    );
  });
});
