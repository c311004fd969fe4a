import { resolveArtifact } from '@millrace/adapters/artifacts';
import { EngineError, type ReplicaSettings } from '@millrace/adapters/engines';
import type { ReplicaSpec } from '@millrace/contracts/runner-protocol';
import { z } from 'zod';

const engineOptionsSchema = z.record(z.string(), z.unknown());

export interface ArtifactTools {
  artifacts: Omit<Parameters<typeof resolveArtifact>[1], 'signal'>;
}

/** The settings of a load: what the assignment says, with the artifact on this machine. */
export async function loadSettings(
  spec: ReplicaSpec | undefined,
  { artifacts }: ArtifactTools,
  signal: AbortSignal,
): Promise<ReplicaSettings> {
  if (spec === undefined) throw new EngineError('load_failed', 'The assignment does not say what to load.');
  const artifact = await resolveArtifact(spec.artifact, { ...artifacts, signal });
  return replicaSettings(spec, artifact.path);
}

/** The same for weights that stand there. */
export function replicaSettings(spec: ReplicaSpec, artifactPath: string): ReplicaSettings {
  return {
    modelName: spec.modelName,
    artifactPath,
    ...(spec.contextLength > 0 && { contextLength: spec.contextLength }),
    ...(spec.slots > 0 && { slots: spec.slots }),
    engineOptions: engineOptionsSchema.parse(JSON.parse(spec.engineOptions === '' ? '{}' : spec.engineOptions)),
  };
}
