import { splitLayers } from './layer-split.js';

const counts = (places: readonly (number | undefined)[], devices: number) =>
  Array.from({ length: devices }, (_, device) => places.filter((place) => place === device).length);

describe('a layer split', () => {
  it.each([
    [
      [8, 10],
      [36, 45],
    ],
    [
      [8, 10, 12, 6],
      [18, 23, 27, 13],
    ],
  ])('gives 80 layers and the output to devices of %j as llama.cpp does', (shares, layers) => {
    expect(counts(splitLayers(80, shares), shares.length)).toEqual(layers);
  });

  it('counts the output as one of the layers that leave the host', () => {
    const places = splitLayers(32, [1], 20);
    expect(counts(places, 1)).toEqual([20]);
    expect(places.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => undefined));
    expect(places.at(-1)).toBe(0);
  });

  it('leaves everything on the host when nothing is offloaded', () => {
    expect(splitLayers(2, [1, 1], 0)).toEqual([undefined, undefined, undefined]);
  });
});
