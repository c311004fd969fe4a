import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import { inPath } from '../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../client-command.js';
import { wrongUsage } from '../client-error.js';
import { jsonObject, namesOrNone } from '../option-values.js';
import { linesCell, numberCell, textCell, timeCell } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { onlyOne } from './find-by-name.js';
import { chosenTenantPath, tenantOption, type TenantOptions } from './find-tenant.js';
import { addCreate, addDelete, addGet, addList, addUpdate, type Resource } from './resource.js';

const agentSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  model: z.string(),
  systemPrompt: z.string().nullish(),
  sampling: z.record(z.string(), z.unknown()).nullish(),
  locks: z.array(z.string()).nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Agent = z.infer<typeof agentSchema>;

const name: Column<Agent> = { title: 'name', cell: (agent) => textCell(agent.name) };
const id: Column<Agent> = { title: 'id', cell: (agent) => agent.id };
const model: Column<Agent> = { title: 'model', cell: (agent) => textCell(agent.model) };
const description: Column<Agent> = { title: 'description', cell: (agent) => textCell(agent.description) };
const prompt: Column<Agent> = { title: 'system prompt', cell: (agent) => linesCell(agent.systemPrompt) };
const sampling: Column<Agent> = { title: 'sampling', cell: (agent) => samplingCell(agent.sampling) };
const locks: Column<Agent> = { title: 'locks', cell: (agent) => textCell(agent.locks?.join(', ')) };
const version: Column<Agent> = { title: 'version', cell: (agent) => numberCell(agent.version) };
const created: Column<Agent> = { title: 'created (UTC)', cell: (agent) => timeCell(agent.createdAt) };

const resource: Resource<Agent, TenantOptions> = {
  noun: 'agent',
  plural: 'agents',
  sample: 'tutor --tenant acme',
  schema: agentSchema,
  columns: [name, id, model, description, created],
  fields: [id, name, description, model, prompt, sampling, locks, version, created],
  scopeOptions: () => [tenantOption()],
  collection: async (api, scope) => ({ path: await agentsPath(api, scope) }),
  find: agentPath,
};

interface AgentOptions {
  name?: string;
  description?: string;
  model?: string;
  systemPrompt?: string;
  systemPromptFile?: string;
  sampling?: Record<string, unknown>;
  locks?: string[];
  /** The key comes from standard input. */
  keyStdin?: boolean;
}

/** `./millrace agents`. */
export function addAgents(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'agents', "a tenant's presets: system prompt, model and sampling behind a key");
  const place = { group, surroundings };
  const bodyOf = (options: AgentOptions) => bodyFrom(options, () => surroundings.terminal.readInput());
  addList(place, resource);
  addCreate<Agent, TenantOptions, AgentOptions>(place, resource, {
    options: () => {
      const needed = [new Option('--name <name>', 'its name'), new Option('--model <model>', 'the model that answers')];
      return [...needed.map((option) => option.makeOptionMandatory()), ...fieldOptions()];
    },
    bodyOf,
    examples: [
      "agents create --tenant acme --name tutor --model millrace-tiny --system-prompt 'You are a patient tutor.'",
      'agents create --tenant acme --name tutor --model millrace-tiny --system-prompt-file tutor.txt --locks temperature',
    ],
  });
  addGet(place, resource);
  addUpdate<Agent, TenantOptions, AgentOptions>(place, resource, {
    options: () => [
      new Option('--name <name>', 'a new name'),
      new Option('--model <model>', 'the model that answers from now on'),
      ...fieldOptions(),
    ],
    bodyOf,
    examples: [`agents update tutor --tenant acme --sampling '{"temperature":0.2}'`],
  });
  addDelete(place, resource, ' with its keys');
}

/** The path of one agent, by name or id. */
export async function agentPath(api: AdminApi, nameOrId: string, scope: TenantOptions): Promise<string> {
  const collection = await agentsPath(api, scope);
  if (nameOrId.startsWith('agt_')) return `${collection}/${inPath(nameOrId)}`;
  return onlyOne(api, { noun: 'agent', collection, query: { name: nameOrId } });
}

async function agentsPath(api: AdminApi, scope: TenantOptions): Promise<string> {
  return `${await chosenTenantPath(api, scope)}/agents`;
}

function fieldOptions(): Option[] {
  return [
    new Option('--description <text>', 'what it is for'),
    new Option('--system-prompt <text>', 'what it is told before each conversation'),
    new Option('--system-prompt-file <path>', 'the same from a file; - is standard input'),
    new Option(
      '--sampling <json>',
      'defaults like {"temperature":0.2,"topP":0.9}; null takes one away, others stay',
    ).argParser(jsonObject),
    new Option('--locks <names>', 'what callers cannot change, like temperature,seed, or none').argParser(namesOrNone),
  ];
}

async function bodyFrom(options: AgentOptions, readInput: () => Promise<string>): Promise<object> {
  const { name, description, model, sampling, locks } = options;
  return { name, description, model, systemPrompt: await systemPromptOf(options, readInput), sampling, locks };
}

async function systemPromptOf(
  { systemPrompt, systemPromptFile: path, keyStdin = false }: AgentOptions,
  readInput: () => Promise<string>,
): Promise<string | undefined> {
  if (path === undefined) return systemPrompt;
  if (systemPrompt !== undefined) throw wrongUsage('Give the system prompt once: as text, or as a file.');
  if (path === '-' && keyStdin)
    throw wrongUsage('Standard input is the key already: put the system prompt into a file.');
  if (path === '-') return readInput();
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw wrongUsage(`${path} cannot be read (${error.code ?? 'unknown'}): name a text file.`);
  });
}

function samplingCell(values: Agent['sampling']): string {
  return Object.entries(values ?? {})
    .map(([parameter, value]) => textCell(`${parameter} ${JSON.stringify(value)}`))
    .join(', ');
}
