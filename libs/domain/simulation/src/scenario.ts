/** How fast weights move, and what a process takes around it. */
export interface LoadSpeeds {
  /** From the memory of the host onto the devices. */
  vramBytesPerSecond: number;
  /** From the disk into the memory of the host; loads of one runner read one after the other. */
  diskBytesPerSecond: number;
  processStartSeconds: number;
  /** From the stop of a replica until its memory is free. */
  unloadSeconds: number;
  /** Weights that stay in the memory of the host, the least recently loaded leave first. */
  hostCacheBytes: number;
}

/** A fleet of equal runners. */
export interface FleetShape {
  runners: number;
  devicesPerRunner: number;
  deviceType: string;
  totalBytes: number;
  reserveBytes: number;
  load: LoadSpeeds;
}

/** A model as its replicas behave: bytes of a whole replica, speeds of one that has its devices for itself. */
export interface SimulatedModel {
  name: string;
  weightsBytes: number;
  kvCacheBytes: number;
  /** On each device. */
  overheadBytes: number;
  kvBytesPerToken: number;
  prefillTokensPerSecond: number;
  /** One step of all sequences takes base + perSequence * sequences. */
  decodeSecondsBase: number;
  decodeSecondsPerSequence: number;
  slots: number;
  deviceCount: number;
}

/** How requests spread over the models: by rank ^ -exponent; every so often pairs of ranks change places. */
export interface Popularity {
  zipfExponent: number;
  driftEverySeconds: number;
  driftSwaps: number;
}

/** A request is good when its first token and then each further one, on average, come in time. */
export interface Limits {
  ttftSeconds: number;
  tokenSeconds: number;
}

export interface Scenario {
  fleet: FleetShape;
  models: readonly SimulatedModel[];
  popularity: Popularity;
  limits: Limits;
  /** A request that no replica has taken after so long expires; a model without a replica never waits longer. */
  coldWaitSeconds: number;
}

/** Bytes that a replica takes on each of its devices. */
export function deviceBytesOf(model: SimulatedModel): number {
  return Math.ceil((model.weightsBytes + model.kvCacheBytes) / model.deviceCount + model.overheadBytes);
}

/** What replicas can have of one device. */
export function capacityOf({ totalBytes, reserveBytes }: FleetShape): number {
  return totalBytes - reserveBytes;
}
