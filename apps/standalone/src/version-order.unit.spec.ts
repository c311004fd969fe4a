import { isNewer } from './version-order.js';

describe('the order of versions', () => {
  it.each([
    ['0.1.1', '0.1.0', true],
    ['0.10.0', '0.9.9', true],
    ['1.0.0', '0.99.0', true],
    ['0.1.0', '0.1.0', false],
    ['0.9.9', '0.10.0', false],
    ['0.1.0', '1.0.0', false],
  ])('%s against %s: newer is %s', (left, right, newer) => {
    expect(isNewer(left, right)).toBe(newer);
  });
});
