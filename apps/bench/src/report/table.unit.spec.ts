import { renderTable } from './table.js';

describe('renderTable', () => {
  it('aligns text to the left and numbers to the right', () => {
    const table = renderTable(
      [
        { figure: 'saturation', unit: 'requests/s', values: { direct: 1_234.5, millrace: 99.96 } },
        { figure: 'added', unit: 'ms', values: { millrace: 2.345 } },
      ],
      ['direct', 'millrace'],
    );
    expect(table.split('\n')).toEqual([
      '            unit        direct  millrace  target',
      'saturation  requests/s    1235     100.0',
      'added       ms                      2.35',
    ]);
  });

  it.each([
    [{ atMost: 3 }, 3, '≤ 3  reached'],
    [{ atMost: 3 }, 3.01, '≤ 3  not reached'],
    [{ atLeast: 0.6 }, 0.6, '≥ 0.6  reached'],
    [{ atLeast: 0.6 }, 0.59, '≥ 0.6  not reached'],
  ])('judges millrace by %j when it has %d', (target, value, verdict) => {
    const table = renderTable([{ figure: 'f', unit: 'u', values: { millrace: value }, target }], ['millrace']);
    expect(table.endsWith(verdict)).toBe(true);
  });

  it('shows a value that could not be computed as a question mark', () => {
    const table = renderTable([{ figure: 'f', unit: 'u', values: { millrace: Number.NaN } }], ['millrace']);
    expect(table).toMatch(/\?$/);
  });
});
