import { usagePeriod, type PeriodWish } from './usage-period.js';

const nowMs = Date.parse('2026-11-25T17:10:30Z');

/** Times as they are written over HTTP. */
function periodOf(interval: PeriodWish['interval'], from?: string, to?: string) {
  const fromMs = from === undefined ? undefined : Date.parse(from);
  const toMs = to === undefined ? undefined : Date.parse(to);
  const period = usagePeriod({ interval, fromMs, toMs }, nowMs);
  if ('param' in period) return period;
  return [period.startMs, period.endMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe('the period of a usage report', () => {
  it.each([
    ['hour', '2026-11-24T18:00', '2026-11-25T18:00'],
    ['day', '2026-10-27T00:00', '2026-11-26T00:00'],
  ] as const)(
    'is the latest time by %s when none is asked for, with the interval that is now',
    (interval, start, end) => {
      expect(periodOf(interval)).toEqual([start, end]);
    },
  );

  it('is made of whole intervals that hold what is asked for', () => {
    const within = ['2026-11-25T10:17:00Z', '2026-11-25T12:00:00Z'] as const;
    expect(periodOf('hour', ...within)).toEqual(['2026-11-25T10:00', '2026-11-25T12:00']);
    expect(periodOf('day', ...within)).toEqual(['2026-11-25T00:00', '2026-11-26T00:00']);
    expect(periodOf('hour', '2026-11-25T00:00:00+01:00', '2026-11-25T00:00:01+01:00')).toEqual([
      '2026-11-24T23:00',
      '2026-11-25T00:00',
    ]);
  });

  it.each([
    { interval: 'day', from: '2026-11-25', to: '2026-11-25', param: 'to' },
    { interval: 'day', from: '2026-11-25', to: '2026-11-24', param: 'to' },
    { interval: 'hour', from: '2026-11-26', to: undefined, param: 'from' },
    { interval: 'hour', from: '2026-10-01', to: '2026-11-25', param: 'from' },
    { interval: 'day', from: '2025-11-22', to: '2026-11-25', param: 'from' },
  ] as const)('by $interval from $from to $to is refused for its $param', ({ interval, from, to, param }) => {
    expect(periodOf(interval, from, to)).toMatchObject({ param, complaint: expect.any(String) as string });
  });

  it('may be as long as 31 days by hour and 366 by day, wherever they begin', () => {
    expect(periodOf('hour', '2026-10-25T10:30:00Z', '2026-11-25T10:30:00Z')).toHaveLength(2);
    expect(periodOf('day', '2025-11-24T10:30:00Z', '2026-11-25T10:30:00Z')).toHaveLength(2);
  });
});
