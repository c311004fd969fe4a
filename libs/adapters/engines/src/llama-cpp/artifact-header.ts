import { stat } from 'node:fs/promises';
import { GgufInsights, readGgufFileInfo } from 'node-llama-cpp';
import type { GgufFileInfo, Llama } from 'node-llama-cpp';
import type { ArtifactFacts } from './choose-capacity.js';

/** Used when the header does not say what the model was trained for. */
const UNKNOWN_CONTEXT_LENGTH = 2048;

/** What the header of a GGUF file tells; the weights are not read. */
export interface ArtifactHeader extends ArtifactFacts {
  file: GgufFileInfo;
  insights: GgufInsights;
}

/** Reads the header. Throws when it is unreadable, or when the file is shorter than the header says. */
export async function readHeader(artifactPath: string, llama: Llama): Promise<ArtifactHeader> {
  const file = await readGgufFileInfo(artifactPath, { sourceType: 'filesystem', logWarnings: false });
  await refuseIncomplete(artifactPath, file);
  const insights = await GgufInsights.from(file, llama);
  return {
    file,
    insights,
    trainedContextLength: insights.trainContextSize ?? UNKNOWN_CONTEXT_LENGTH,
    weightsBytes: insights.modelSize,
  };
}

/** A file that ends early would end the process by SIGBUS once it is mapped. */
async function refuseIncomplete(artifactPath: string, file: GgufFileInfo): Promise<void> {
  if (file.splicedParts > 1) return;
  const { size } = await stat(artifactPath);
  const lastStart = Math.max(0, ...(file.fullTensorInfo ?? []).map((tensor) => Number(tensor.fileOffset)));
  const empty = file.fullTensorInfo?.some((tensor) => tensor.name === '') === true;
  if (lastStart >= size) throw new Error('tensor data is not within the file bounds');
  if (empty) throw new Error('failed to read key-value pairs');
}
