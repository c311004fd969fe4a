import type { QueueWaits } from './installation/queue-waits.js';
import type { Endpoint } from './load/load-order.js';
import type { Part } from './measure/processor-time.js';

/** `direct` is the simulated engine with a plain HTTP server in front of it. */
export type ContenderName = 'direct' | 'millrace' | 'portkey';

/** One of those that the same workload goes to. */
export interface Contender {
  name: ContenderName;
  endpoint: Endpoint;
  /** Whose processor time is counted. */
  parts: Readonly<Record<string, Part>>;
  /** How long its newest so many requests waited in its queue; left out where there is none. */
  queueWaits?: (requests: number) => Promise<QueueWaits>;
}
