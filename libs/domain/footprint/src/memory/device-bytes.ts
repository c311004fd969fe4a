/** Bytes of one device, by what they hold. */
export interface DeviceBytes {
  weightsBytes: number;
  /** Keys and values of the tokens of all slots. */
  kvBytes: number;
  /** Convolution and recurrent state of all slots. */
  stateBytes: number;
  /** What one step needs while it runs. */
  computeBytes: number;
  /** Projector, adapters, draft model, and what a split over devices costs. */
  extraBytes: number;
  /** The process on the device, before it loads anything. */
  contextBytes: number;
}

/** The sum of all parts. */
export function totalOf(bytes: DeviceBytes): number {
  const { weightsBytes, kvBytes, stateBytes, computeBytes, extraBytes, contextBytes } = bytes;
  return weightsBytes + kvBytes + stateBytes + computeBytes + extraBytes + contextBytes;
}
