import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseArtifactReference } from '@millrace/adapters/artifacts';
import { complaintsAboutOptions, engineNames, type EngineName } from '@millrace/domain/models';
import { modelNameField, resourceFields } from '../fields.js';
import { listQuerySchema } from '../list-query.js';

const nameField = modelNameField.describe('What callers name in `model`.');

const artifactField = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Expected one line')
  .superRefine(requireArtifact)
  .describe('Its weights: an absolute path on the runners, `hf:owner/repository/file.gguf`, or `simulated:name`.');

const engineField = z.enum(engineNames).describe('The engine that its replicas run.');

const engineOptionsField = z
  .record(z.string(), z.unknown())
  .describe('What the engine takes besides; each engine knows its own.');

/** A model as it goes over HTTP. */
export const modelSchema = z
  .object({
    ...resourceFields('mod'),
    name: nameField,
    artifact: z.string(),
    engine: z.string(),
    engineOptions: engineOptionsField,
  })
  .meta({ id: 'CatalogueModel', description: 'A name that callers use, and the weights and engine behind it.' });

export type ModelOnWire = z.infer<typeof modelSchema>;

/** Body of POST /admin/v1/models, and what a change has to leave behind. */
export const createModelSchema = z
  .strictObject({
    name: nameField,
    artifact: artifactField,
    engine: engineField,
    engineOptions: engineOptionsField.default({}),
  })
  .superRefine(requireEngineTakesIt)
  .meta({ id: 'CatalogueModelDraft' });

/** Body of PATCH /admin/v1/models/{modelId}, a JSON merge patch. */
export const changeModelSchema = z
  .strictObject({
    name: nameField.optional(),
    artifact: artifactField.optional(),
    engine: engineField.optional(),
    engineOptions: engineOptionsField.nullable().optional(),
  })
  .meta({ id: 'CatalogueModelChange' });

export const modelListQuery = listQuerySchema.extend({
  name: modelNameField.optional().describe('Only the model of this name.'),
  engine: engineField.optional().describe('Only models of this engine.'),
});

function requireArtifact(artifact: string, context: z.RefinementCtx): void {
  try {
    const reference = parseArtifactReference(artifact);
    if (reference.kind !== 'local' || isAbsolute(reference.path)) return;
    const message = 'Expected an absolute path: every runner looks it up on its own machine';
    context.addIssue({ code: 'custom', message });
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
}

function requireEngineTakesIt(
  { artifact, engine, engineOptions }: { artifact: string; engine: EngineName; engineOptions: object },
  context: z.RefinementCtx,
): void {
  const isSimulated = artifact.startsWith('simulated:');
  if (isSimulated !== (engine === 'simulated')) {
    const message = isSimulated
      ? 'Expected weights: simulated:name is for the engine simulated'
      : 'Expected simulated:name, as the engine simulated takes no weights';
    context.addIssue({ code: 'custom', path: ['artifact'], message });
  }
  for (const { path, ...complaint } of complaintsAboutOptions(engine, engineOptions)) {
    const issue = { ...complaint, path: ['engineOptions', ...path], input: engineOptions };
    context.issues.push(issue as z.core.$ZodRawIssue);
  }
}
