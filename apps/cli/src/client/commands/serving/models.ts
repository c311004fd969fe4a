import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../../client-command.js';
import { jsonObjectOrNone, type Cleared } from '../../option-values.js';
import { numberCell, textCell, timeCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { onlyOne } from '../find-by-name.js';
import { addCreate, addDelete, addGet, addList, addUpdate, type Resource } from '../resource.js';
import { addEvaluate } from './evaluate.js';

const MODELS = '/admin/v1/models';

const modelSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  artifact: z.string(),
  engine: z.string(),
  engineOptions: z.record(z.string(), z.unknown()).nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Model = z.infer<typeof modelSchema>;

const name: Column<Model> = { title: 'name', cell: (model) => textCell(model.name) };
const id: Column<Model> = { title: 'id', cell: (model) => model.id };
const engine: Column<Model> = { title: 'engine', cell: (model) => textCell(model.engine) };
const artifact: Column<Model> = { title: 'artifact', cell: (model) => textCell(model.artifact) };
const options: Column<Model> = { title: 'engine options', cell: (model) => optionsCell(model.engineOptions) };
const version: Column<Model> = { title: 'version', cell: (model) => numberCell(model.version) };
const created: Column<Model> = { title: 'created (UTC)', cell: (model) => timeCell(model.createdAt) };

const resource: Resource<Model, object> = {
  ...{ noun: 'model', plural: 'models', sample: 'qwen3-8b', schema: modelSchema },
  columns: [name, id, engine, artifact, created],
  fields: [id, name, engine, artifact, options, version, created],
  scopeOptions: () => [],
  collection: () => Promise.resolve({ path: MODELS }),
  find: modelPath,
};

interface ModelOptions {
  name?: string;
  artifact?: string;
  engine?: string;
  engineOptions?: Record<string, unknown> | Cleared;
}

/** `./millrace models`. */
export function addModels(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'models', 'the catalogue: names that callers use, their weights and engines');
  const place = { group, surroundings };
  addList(place, resource);
  addCreate<Model, object, ModelOptions>(place, resource, {
    options: () => [
      new Option('--name <name>', 'what callers name').makeOptionMandatory(),
      new Option(
        '--artifact <reference>',
        'an absolute path on the runners, hf:owner/repository/file.gguf, or simulated:name',
      ).makeOptionMandatory(),
      new Option('--engine <name>', 'the engine (default: the one that the form of the artifact names)'),
      engineOptionsOption(),
    ],
    bodyOf: ({ engine: chosen, ...typed }) => ({ ...bodyOf(typed), engine: chosen ?? engineOf(typed.artifact ?? '') }),
    examples: ['models create --name qwen3-8b --artifact hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf'],
  });
  addGet(place, resource);
  addUpdate<Model, object, ModelOptions>(place, resource, {
    options: () => [
      new Option('--name <name>', 'a new name'),
      new Option('--artifact <reference>', 'other weights'),
      new Option('--engine <name>', 'another engine'),
      engineOptionsOption(),
    ],
    bodyOf,
    examples: [`models update qwen3-8b --engine-options '{"batchSize":1024}'`],
  });
  addEvaluate(place, modelPath);
  addDelete(place, resource, '');
}

/** The path of one model, by name or id. */
function modelPath(api: AdminApi, nameOrId: string): Promise<string> {
  if (nameOrId.startsWith('mod_')) return Promise.resolve(`${MODELS}/${inPath(nameOrId)}`);
  return onlyOne(api, { noun: 'model', collection: MODELS, query: { name: nameOrId } });
}

function engineOptionsOption(): Option {
  const what = 'what the engine takes, like {"batchSize":1024}; null takes one away, others stay, none takes all away';
  return new Option('--engine-options <json>', what).argParser(jsonObjectOrNone);
}

function bodyOf({ name: wanted, artifact: weights, engine: chosen, engineOptions }: ModelOptions): object {
  return { name: wanted, artifact: weights, engine: chosen, engineOptions };
}

function engineOf(reference: string): string {
  return reference.startsWith('simulated:') ? 'simulated' : 'llama-cpp';
}

function optionsCell(values: Model['engineOptions']): string {
  return Object.entries(values ?? {})
    .map(([option, value]) => textCell(`${option} ${JSON.stringify(value)}`))
    .join(', ');
}
