/**
 * How many of the layers, the output counted as the last, lie on each device.
 * llama.cpp gives layer i to the first device whose share of the whole, summed up to it, exceeds i / layers
 * (`load_tensors` in llama-model.cpp). `shares` are weights of any scale; `offloaded` is `-ngl`: so many of the last
 * layers, the output counted as one, leave the host.
 * Answers the device of each layer, undefined for the host; the entry behind the last layer is that of the output.
 */
export function splitLayers(layers: number, shares: readonly number[], offloaded = layers + 1): (number | undefined)[] {
  const placed = Math.min(offloaded, layers + 1);
  const first = Math.max(0, layers + 1 - placed);
  const total = shares.reduce((sum, share) => sum + share, 0);
  let reached = 0;
  const upTo = shares.map((share) => (reached += share) / total);
  return Array.from({ length: layers + 1 }, (_, layer) => {
    if (layer < first || placed === 0) return undefined;
    const position = (layer - first) / placed;
    const device = upTo.findIndex((end) => position < end);
    return device === -1 ? shares.length - 1 : device;
  });
}
