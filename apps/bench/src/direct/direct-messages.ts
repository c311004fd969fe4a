import type { SimulatedModel } from '../workload.js';

/** What the bench tells the direct server to serve. */
export interface ServeDirectly {
  model: SimulatedModel;
}

/** Its answer, once it serves. */
export type ServesDirectly = { port: number; enginePid: number } | { error: string };
