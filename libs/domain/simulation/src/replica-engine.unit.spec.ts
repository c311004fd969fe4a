import { ReplicaEngine } from './replica-engine.js';
import { aScenario } from '../test/small-scenario.js';

const [model] = aScenario().models;
const request = (contextTokens: number, generatedTokens: number) => ({
  atSeconds: 0,
  model: 0,
  contextTokens,
  generatedTokens,
});

function engine(): ReplicaEngine {
  if (model === undefined) throw new Error('The scenario has models.');
  return new ReplicaEngine(model);
}

describe('the engine of a simulated replica', () => {
  it('reads a prompt at its speed, then gives a token a step', () => {
    const one = engine();
    one.take(0, request(1_000, 11));
    expect(one.secondsToChange(1)).toBeCloseTo(0.1);
    expect(one.advance(0.1, 1)).toEqual({ firstTokens: [0], finished: [] });
    expect(one.secondsToChange(1)).toBeCloseTo(10 * 0.0103);
    expect(one.advance(one.secondsToChange(1), 1)).toEqual({ firstTokens: [], finished: [0] });
    expect(one.secondsToChange(1)).toBe(Infinity);
  });

  it('takes twice as long with half of the time of its devices', () => {
    const one = engine();
    one.take(0, request(1_000, 1));
    expect(one.secondsToChange(0.5)).toBeCloseTo(0.2);
    expect(one.advance(0.1, 0.5)).toBeUndefined();
    expect(one.advance(0.1, 0.5)).toEqual({ firstTokens: [0], finished: [0] });
  });

  it('slows running answers while it reads a prompt', () => {
    const one = engine();
    one.take(0, request(100, 100));
    one.advance(one.secondsToChange(1), 1);
    const alone = one.secondsToChange(1);
    one.take(1, request(5_120, 100));
    one.advance(one.secondsToChange(1), 1);
    expect(alone).toBeCloseTo(99 * 0.0103);
    // Ten steps of 512 prompt tokens gave the first answer ten tokens.
    expect(one.secondsToChange(1)).toBeCloseTo(89 * 0.0106);
  });

  it('has room as long as slots and cache last', () => {
    const one = engine();
    for (let index = 0; index < 8; index += 1) {
      expect(one.hasRoomFor(request(100, 1))).toBe(true);
      one.take(index, request(100, 1));
    }
    expect(one.hasRoomFor(request(100, 1))).toBe(false);
    const other = engine();
    other.take(0, request(49_000, 1));
    expect(other.hasRoomFor(request(2_000, 1))).toBe(false);
  });

  it('hands over what it works on with what it has delivered', () => {
    const one = engine();
    one.take(0, request(100, 11));
    one.advance(one.secondsToChange(1), 1);
    one.advance(5 * 0.0103, 1);
    one.take(1, request(100, 11));
    expect(one.handOver().map(({ request: index, deliveredTokens }) => [index, deliveredTokens])).toEqual([
      [0, 6],
      [1, 0],
    ]);
    expect(one.inFlight).toBe(0);
  });
});
