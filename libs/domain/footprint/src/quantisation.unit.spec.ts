import { bytesOf, tensorBytes } from './quantisation.js';

describe('the size of values', () => {
  it.each([
    ['Q2_K', 256, 84],
    ['Q3_K', 256, 110],
    ['Q4_K', 256, 144],
    ['Q5_K', 256, 176],
    ['Q6_K', 256, 210],
    ['Q8_K', 256, 292],
    ['Q4_0', 32, 18],
    ['Q8_0', 32, 34],
    ['BF16', 3, 6],
  ])('counts %s in whole blocks', (type, values, bytes) => {
    expect(bytesOf(values, type)).toBe(bytes);
  });

  it('fills up the last block of each row', () => {
    expect(tensorBytes([33, 2], 'Q8_0')).toBe(2 * 2 * 34);
  });

  it('names the types it knows when it meets another', () => {
    expect(() => bytesOf(1, 'Q9_X')).toThrow(/"Q9_X" is not known; known are F64, F32/);
  });
});
