import { isWithinBounds } from './json-size.js';

const within = (text: string, mostParts: number, mostLevels = 100) =>
  isWithinBounds(Buffer.from(text), { mostParts, mostLevels });

describe('the bounds of a JSON text', () => {
  it.each([
    ['1', 0],
    ['[]', 1],
    ['{"a":1}', 2],
    ['{"a":[{"b":1},{}]}', 6],
    ['[1,2,3,4]', 1],
  ])('count the objects, arrays and members of %s', (text, parts) => {
    expect(within(text, parts)).toBe(true);
    expect(within(text, parts - 1)).toBe(false);
  });

  it('count nothing within strings, whatever is escaped there', () => {
    for (const text of ['"[{:"', '"\\"[{:"', '"\\\\\\"[{:"', '"ü[{:"', '"[[[']) expect(within(text, 0)).toBe(true);
    expect(within('["\\\\",{}]', 1)).toBe(false);
  });

  it('count how deep a text goes, not how often', () => {
    expect(within('[[],[],[]]', 100, 2)).toBe(true);
    expect(within('[[[]]]', 100, 2)).toBe(false);
  });
});
