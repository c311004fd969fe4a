import { mergePatch } from './merge-patch.js';

describe('a merge patch', () => {
  it('keeps what it does not name, adds, replaces and takes away, at every depth', () => {
    const target = { a: 1, b: { c: 2, d: 3 }, e: [1, 2] };
    expect(mergePatch(target, { b: { c: null, f: 4 }, e: [3], g: { h: null, i: 5 } })).toEqual({
      a: 1,
      b: { d: 3, f: 4 },
      e: [3],
      g: { i: 5 },
    });
    expect(target).toEqual({ a: 1, b: { c: 2, d: 3 }, e: [1, 2] });
  });

  it('puts an object in the place of what is none', () => {
    expect(mergePatch({ a: 1, b: [1] }, { a: { b: 2 }, b: {} })).toEqual({ a: { b: 2 }, b: {} });
  });

  it('takes a name that objects inherit for a name like any other', () => {
    expect(mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}') as object as Record<string, unknown>)).toEqual({});
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
