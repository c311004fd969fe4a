import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ArtifactError } from './artifact-error.js';
import { hubFileUrl, parseCheckpointReference, type CheckpointReference } from './artifact-reference.js';
import { rangesOfFile, rangesOfHub, type FileRanges } from './file-ranges.js';
import type { ResolveOptions } from './resolve-artifact.js';

const MOST_CONFIG_BYTES = 1024 ** 2;
const MOST_INDEX_BYTES = 32 * 1024 ** 2;
const MOST_HEADER_BYTES = 32 * 1024 ** 2;
const MOST_FILES = 1_000;
/** Most headers are shorter, so that one read is enough. */
const FIRST_BYTES = 256 * 1024;
const LENGTH_BYTES = 8;

/** A model as engines of PyTorch's world load it: `config.json` and safetensors files in one folder. */
export interface Checkpoint {
  config: Readonly<Record<string, unknown>>;
  /** Of all tensors, as the headers of their files say. */
  weightsBytes: number;
}

const configSchema = z.record(z.string(), z.unknown());
/** Names of files beside the index, never of another folder. */
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[\w][\w.-]*\.safetensors$/)) });
const headerSchema = z.record(
  z.string(),
  z.looseObject({ data_offsets: z.tuple([z.int().min(0), z.int().min(0)]).optional() }),
);

/**
 * Reads what a footprint needs of a checkpoint in a folder here or in a repository of the hub: its config, and of each
 * file of weights the header. Throws ArtifactError.
 */
export async function readCheckpoint(
  reference: string,
  options: Pick<ResolveOptions, 'hubUrl' | 'hubToken' | 'signal'>,
): Promise<Checkpoint> {
  const parsed = parseCheckpointReference(reference);
  const open = (name: string) => openFile(parsed, name, { ...options, reference });
  const config = await readJson(open('config.json'), configSchema, { most: MOST_CONFIG_BYTES, name: 'config.json' });
  let weightsBytes = 0;
  for (const name of await filesOf(open)) weightsBytes += await tensorBytesOf(open(name), name);
  return { config, weightsBytes };
}

function openFile(
  parsed: CheckpointReference,
  name: string,
  options: Pick<ResolveOptions, 'hubUrl' | 'hubToken' | 'signal'> & { reference: string },
): FileRanges {
  if (parsed.kind === 'folder') return rangesOfFile(join(parsed.path, name));
  return rangesOfHub({ ...options, url: hubFileUrl(options.hubUrl, { ...parsed, kind: 'hub', file: name }) });
}

/** The files that an index names, or the one file of a model without an index. */
async function filesOf(open: (name: string) => FileRanges): Promise<string[]> {
  const name = 'model.safetensors.index.json';
  try {
    const index = await readJson(open(name), indexSchema, { most: MOST_INDEX_BYTES, name });
    const files = [...new Set(Object.values(index.weight_map))];
    if (files.length > MOST_FILES) throw notACheckpoint(name, `it names more than ${MOST_FILES} files`);
    return files;
  } catch (error) {
    if (isMissing(error)) return ['model.safetensors'];
    throw error;
  }
}

async function tensorBytesOf(ranges: FileRanges, name: string): Promise<number> {
  const { bytes: first, fileBytes } = await ranges.read(0, FIRST_BYTES);
  const length = first.length < LENGTH_BYTES ? 0n : first.readBigUInt64LE();
  if (length === 0n || length > BigInt(Math.min(MOST_HEADER_BYTES, fileBytes))) {
    throw notACheckpoint(name, `its header is ${length} bytes long; expected 1 to ${MOST_HEADER_BYTES}`);
  }
  const end = LENGTH_BYTES + Number(length);
  const rest = end > first.length ? (await ranges.read(first.length, end - first.length)).bytes : Buffer.alloc(0);
  const header = parsed(Buffer.concat([first, rest]).subarray(LENGTH_BYTES, end), headerSchema, name);
  const tensors = Object.entries(header).filter(([tensor]) => tensor !== '__metadata__');
  return tensors.reduce((sum, [, { data_offsets: [start, last] = [0, 0] }]) => sum + Math.max(0, last - start), 0);
}

async function readJson<Value>(
  ranges: FileRanges,
  schema: z.ZodType<Value>,
  { most, name }: { most: number; name: string },
): Promise<Value> {
  const { bytes, fileBytes } = await ranges.read(0, most);
  if (fileBytes > most) throw notACheckpoint(name, `it has ${fileBytes} bytes; expected at most ${most}`);
  return parsed(bytes, schema, name);
}

function parsed<Value>(bytes: Buffer, schema: z.ZodType<Value>, name: string): Value {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw notACheckpoint(name, 'it is not the JSON that engines read', error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ArtifactError && error.code === 'not_found';
}

function notACheckpoint(name: string, problem: string, cause?: unknown): ArtifactError {
  const message = `${name} cannot be used: ${problem}; name a model with config.json and safetensors files.`;
  return new ArtifactError('not_a_model', message, { cause });
}

/** Whether this names a checkpoint: a folder here, or a repository of the hub without a file. */
export async function isCheckpoint(reference: string): Promise<boolean> {
  if (reference.startsWith('hf:')) return !reference.split('#')[0]?.endsWith('.gguf');
  return stat(reference).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
