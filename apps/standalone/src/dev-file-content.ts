/** What tools and tests on this machine need to know of a running installation. A part of the public contract. */
export interface DevFileContent {
  baseUrl: string;
  operatorKey: string;
  apiKey: string;
  /** Acts as the example agent. */
  agentKey: string;
  model: string;
  joinToken: string;
  schedulerUrl: string;
  redisUrl: string;
  databaseUrl: string;
  /** Null for a store that somebody else runs. */
  pids: Record<'supervisor' | 'api' | 'scheduler' | 'runner' | 'redis' | 'postgres', number | null>;
}
