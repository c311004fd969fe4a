import { changeSampling } from './index.js';

describe("changing an agent's sampling", () => {
  const sampling = { temperature: 0.5, seed: 7 };

  it.each([
    ['leaves it alone when the change says nothing', undefined, sampling],
    [
      'sets what the change names, 0 too, and keeps the rest',
      { temperature: 0, topP: 1 },
      { temperature: 0, seed: 7, topP: 1 },
    ],
    ['takes out what is null', { seed: null, stop: null }, { temperature: 0.5 }],
    ['takes out everything for null', null, {}],
  ])('%s', (_, changes, expected) => {
    expect(changeSampling(sampling, changes)).toEqual(expected);
  });
});
