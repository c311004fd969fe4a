import { samplingOnWire, type SamplingName, type SamplingParameters } from '@millrace/contracts/openai';

/** What a request cannot change. The model is always one of it, named or not. */
export type AgentLock = SamplingName | 'model';

/** Everything that can be locked. */
export const agentLocks: readonly AgentLock[] = ['model', ...(Object.keys(samplingOnWire) as SamplingName[])];

/** A tenant's preset, as far as it shapes requests. */
export interface Agent {
  readonly agentId: string;
  /** The name of the model that answers. */
  readonly model: string;
  /** Empty: none. */
  readonly systemPrompt: string;
  /** For what a request leaves open. */
  readonly sampling: Readonly<SamplingParameters>;
  readonly locks: readonly AgentLock[];
}
