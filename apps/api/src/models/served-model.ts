/** A model that callers can name, and the deployment that serves it. */
export interface ServedModel {
  modelId: string;
  name: string;
  createdAtMs: number;
  deploymentId: string;
  paused: boolean;
  /** Left out while it is not known. */
  contextLength?: number;
}
