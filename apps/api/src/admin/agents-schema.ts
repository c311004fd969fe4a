import { z } from 'zod';
import { samplingBounds, type SamplingName } from '@millrace/contracts/openai';
import { agentLocks } from '@millrace/domain/agents';
import { clearedTo, modelNameField, nameField, resourceFields, textOf } from './fields.js';
import { apiKeyListQuery } from './api-keys-schema.js';
import { listQuerySchema } from './list-query.js';

/** Far beyond what most contexts hold. */
const LONGEST_PROMPT_CHARACTERS = 200_000;

const descriptionField = textOf(2_000).describe('For people; no model sees it.');
const modelField = modelNameField.describe('Name of the model that answers, whatever a request names.');
const systemPromptField = textOf(LONGEST_PROMPT_CHARACTERS).describe('Goes before all messages; empty is none.');
const locksField = z
  .array(z.enum(agentLocks))
  .max(agentLocks.length)
  .describe(
    "What a request cannot change: it is as the agent has it, or OpenAI's default where the agent has none. The model " +
      'is always locked, named or not.',
  );

/** What is not set is left out. */
const samplingSchema = z.object(samplingBounds).partial().meta({ id: 'AgentSampling' });

type Clearable = { [Name in SamplingName]: z.ZodOptional<z.ZodNullable<(typeof samplingBounds)[Name]>> };

const clearable = Object.fromEntries(
  Object.entries(samplingBounds).map(([name, bounds]) => [name, bounds.nullable().optional()]),
) as unknown as Clearable;

/** Sampling as a body names it; in a patch, what is left out stays. */
const samplingField = z
  .strictObject(clearable)
  .meta({ id: 'AgentSamplingChange' })
  .nullable()
  .describe('For what a request leaves open; 0 is a value, null is none.');

/** An agent as it goes over HTTP. */
export const agentSchema = z
  .object({
    ...resourceFields('agt'),
    tenantId: z.string(),
    name: nameField,
    description: descriptionField,
    model: modelField,
    systemPrompt: systemPromptField,
    sampling: samplingSchema,
    locks: locksField,
  })
  .meta({ id: 'Agent', description: "A tenant's preset: prompt, model and sampling of whoever uses one of its keys." });

export type AgentOnWire = z.infer<typeof agentSchema>;

/** Body of POST /admin/v1/tenants/{tenantId}/agents. */
export const createAgentSchema = z
  .strictObject({
    name: nameField,
    description: descriptionField.optional(),
    model: modelField,
    systemPrompt: systemPromptField.optional(),
    sampling: samplingField.optional(),
    locks: locksField.optional(),
  })
  .meta({ id: 'AgentDraft' });

/** Body of PATCH /admin/v1/tenants/{tenantId}/agents/{agentId}, a JSON merge patch. */
export const changeAgentSchema = z
  .strictObject({
    name: nameField.optional(),
    description: clearedTo('', descriptionField),
    model: modelField.optional(),
    systemPrompt: clearedTo('', systemPromptField),
    sampling: samplingField.optional(),
    locks: clearedTo([], locksField),
  })
  .meta({ id: 'AgentChange' });

export const agentListQuery = listQuerySchema.extend({
  name: nameField.optional().describe('Only the agent of this name.'),
  model: modelNameField.optional().describe('Only agents of this model.'),
});

/** They are all of one kind and one agent. */
export const agentKeyListQuery = apiKeyListQuery.omit({ kind: true, agentId: true });
