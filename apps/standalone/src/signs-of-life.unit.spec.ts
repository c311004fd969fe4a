import { BEAT_MS, SignsOfLife } from './signs-of-life.js';

let nowMs: number;
let signs: SignsOfLife;

beforeEach(() => {
  nowMs = 1_000;
  signs = new SignsOfLife(nowMs);
});

/** The next beat, so much later than it should come. */
function beat({ lateMs = 0 } = {}): 'ask' | 'frozen' {
  nowMs += BEAT_MS + lateMs;
  return signs.beat(nowMs);
}

describe('signs of life', () => {
  it('asks a process that answers for ever', () => {
    for (let beats = 0; beats < 100; beats += 1) {
      expect(beat()).toBe('ask');
      signs.heard();
    }
  });

  it('gives a process up that left three questions in a row without an answer', () => {
    expect([beat(), beat(), beat(), beat()]).toEqual(['ask', 'ask', 'ask', 'frozen']);
  });

  it('begins anew with an answer, also a late one', () => {
    expect([beat(), beat(), beat()]).toEqual(['ask', 'ask', 'ask']);
    signs.heard();
    expect([beat(), beat(), beat(), beat()]).toEqual(['ask', 'ask', 'ask', 'frozen']);
  });

  it('blames nobody when the supervisor itself stood still for more than a beat', () => {
    expect([beat(), beat(), beat()]).toEqual(['ask', 'ask', 'ask']);
    expect(beat({ lateMs: BEAT_MS + 1 })).toBe('ask');
    expect([beat(), beat(), beat()]).toEqual(['ask', 'ask', 'frozen']);
  });

  it('blames a process although the supervisor was up to a beat late', () => {
    const lateMs = BEAT_MS;
    expect([beat({ lateMs }), beat({ lateMs }), beat({ lateMs }), beat({ lateMs })]).toEqual([
      'ask',
      'ask',
      'ask',
      'frozen',
    ]);
  });
});
