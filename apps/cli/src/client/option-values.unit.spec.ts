import * as values from './option-values.js';

describe('the value of an option', () => {
  it.each([
    ['a size of a list', values.listLimit, { '1': 1, '100': 100 }],
    ['a version', values.version, { '3': 3 }],
    ['seconds', values.seconds, { '30': 30, '0.5': 0.5 }],
    ['a weight', values.positive, { '2': 2, '0.5': 0.5 }],
    ['a limit', values.limit, { '60': 60, '0': 0, none: values.CLEARED }],
    ['a rank', values.integer, { '10': 10, '-5': -5, '0': 0 }],
    ['a text or none', values.textOrNone, { 'NVIDIA L4': 'NVIDIA L4', none: values.CLEARED }],
    ['an object or none', values.jsonObjectOrNone, { '{"slots":null}': { slots: null }, none: values.CLEARED }],
    ['models', values.models, { one: ['one'], 'one, org/two:8b': ['one', 'org/two:8b'], any: values.CLEARED }],
    ['names or none', values.namesOrNone, { 'seed,stop': ['seed', 'stop'], none: [] }],
    ['a JSON object', values.jsonObject, { '{"topP":1}': { topP: 1 } }],
    ['a length of time', values.lengthInSeconds, { '30m': 1_800, '12h': 43_200, '1d': 86_400, '1w': 604_800, '0': 0 }],
    ['an instant', values.instantAheadOrNever, { never: values.CLEARED, '2026-12-31': '2026-12-31T00:00:00.000Z' }],
  ] as const)('is read as %s', (_, read, examples) => {
    for (const [text, value] of Object.entries(examples)) expect(read(text)).toEqual(value);
  });

  it.each([
    [values.listLimit, ['0', '101', '-1', '1.5', 'ten', '', '1e1'], 'a whole number from 1 to 100'],
    [values.version, ['', '-1', 'v3'], 'the version that the get command shows'],
    [values.seconds, ['0', '-1', 'soon', ''], 'a number of seconds'],
    [values.positive, ['0', '-1', 'much', '', ' '], 'a number above 0'],
    [values.limit, ['-1', '1.5', 'no', '', '1e30'], 'a whole number, or none'],
    [values.integer, ['', '1.5', 'ten', '--1'], 'a whole number'],
    [values.textOrNone, ['', ' '], 'a text, or none'],
    [values.jsonObjectOrNone, ['', '[]', 'nothing'], 'a JSON object'],
    [values.models, ['', ',', 'one,,two'], 'names with commas between them'],
    [values.jsonObject, ['', '[]', 'null', '{', '1'], 'a JSON object'],
    [values.lengthInSeconds, ['', '5', '5y', '-5m', '1.5h'], 'a length of time'],
    [values.instantAhead, ['', 'tomorrow', '2026-13-01', '2026-12-31T18:00', '31.12.2026'], 'a date (2026-12-31)'],
  ] as const)('that is wrong is refused with what was expected', (read, texts, expected) => {
    for (const text of texts) expect(() => read(text)).toThrow(expected);
  });

  it('takes a time in its zone', () => {
    expect(values.instantBefore('2026-12-31T18:00:00+02:00')).toBe('2026-12-31T16:00:00.000Z');
  });

  it('refuses a day that no calendar has', () => {
    for (const text of ['2030-02-30', '2030-02-30T10:00:00Z', '2030-13-01']) {
      expect(() => values.instantAhead(text)).toThrow('It takes a date');
    }
    expect(values.instantAhead('2032-02-29')).toBe('2032-02-29T00:00:00.000Z');
  });

  it('counts a length of time ahead for what will be, and back for what was', () => {
    const beganMs = Date.now();
    const [ahead, before] = [Date.parse(values.instantAhead('1d')), Date.parse(values.instantBefore('1d'))];
    expect(ahead - before - 2 * 86_400_000).toBeLessThanOrEqual(Date.now() - beganMs);
    expect(ahead).toBeGreaterThanOrEqual(beganMs + 86_400_000);
  });
});
