import { posix } from 'node:path';
import { ArtifactError } from './artifact-error.js';

/** What a model's `artifact` names: a file here, one in a repository of the hub, or no file at all. */
export type ArtifactReference =
  | { kind: 'local'; path: string }
  /** A model without weights, for the `simulated` engine. */
  | { kind: 'simulated'; name: string }
  /** `file` may stand in folders; `revision` is a branch, tag or commit. */
  | { kind: 'hub'; owner: string; repository: string; file: string; revision: string };

export type HubReference = Extract<ArtifactReference, { kind: 'hub' }>;

/** Where a checkpoint is: `config.json` and safetensors files in a folder here or in a repository of the hub. */
export type CheckpointReference =
  { kind: 'folder'; path: string } | { kind: 'repository'; owner: string; repository: string; revision: string };

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const EXPECTED = 'a path of a .gguf file, hf:owner/repository/file.gguf with an optional #revision, or simulated:name';

/** Throws ArtifactError `invalid_reference` for anything that is none of these or incomplete. */
export function parseArtifactReference(reference: string): ArtifactReference {
  if (reference.startsWith('hf:')) return parseHubReference(reference);
  if (reference.startsWith('simulated:')) return parseSimulated(reference);
  if (reference.trim() === '' || /^[a-z][a-z0-9+.-]+:/i.test(reference)) throw invalid(reference);
  return { kind: 'local', path: reference };
}

/** Throws ArtifactError `invalid_reference` for what is neither a path nor `hf:owner/repository` with its `#revision`. */
export function parseCheckpointReference(reference: string): CheckpointReference {
  if (!reference.startsWith('hf:')) return { kind: 'folder', path: reference };
  const [location = '', revision = 'main', ...more] = reference.slice('hf:'.length).split('#');
  const [owner = '', repository = '', ...path] = location.split('/');
  const complete = NAME.test(owner) && NAME.test(repository) && path.length === 0 && more.length === 0;
  if (!complete || !isRevision(revision)) {
    throw new ArtifactError(
      'invalid_reference',
      `"${reference}" does not name a checkpoint; expected a folder, or hf:owner/repository with an optional #revision.`,
    );
  }
  return { kind: 'repository', owner, repository, revision };
}

/** The name a model goes by when none is given: that of its file without folders and `.gguf`, or of the simulation. */
export function modelNameOf(reference: string): string {
  const parsed = parseArtifactReference(reference);
  if (parsed.kind === 'simulated') return parsed.name;
  const path = parsed.kind === 'hub' ? parsed.file : parsed.path.replaceAll('\\', '/');
  return posix.basename(path).replace(/(-00001-of-\d{5})?\.gguf$/i, '');
}

/** Where the hub at `hubUrl` keeps a file. */
export function hubFileUrl(hubUrl: string, { owner, repository, revision, file }: HubReference): URL {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  const base = hubUrl.replace(/\/+$/, '');
  return new URL(`${base}/${owner}/${repository}/resolve/${encodeURIComponent(revision)}/${encoded}`);
}

/** The files of an artifact: one, or all parts when it names the first of a split model. */
export function artifactFiles(file: string): string[] {
  const split = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(file);
  const [, stem, last] = split ?? [];
  if (stem === undefined || last === undefined) return [file];
  const part = (index: number): string => `${stem}-${String(index).padStart(5, '0')}-of-${last}.gguf`;
  return Array.from({ length: Number(last) }, (_, index) => part(index + 1));
}

function parseHubReference(reference: string): ArtifactReference {
  const [location = '', revision = 'main', ...more] = reference.slice('hf:'.length).split('#');
  const [owner = '', repository = '', ...path] = location.split('/');
  const file = path.join('/');
  const plainPath = path.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const complete = NAME.test(owner) && NAME.test(repository) && plainPath && /\.gguf$/i.test(file);
  if (!complete || more.length > 0 || !isRevision(revision)) {
    throw invalid(reference);
  }
  return { kind: 'hub', owner, repository, file, revision };
}

/** A branch, tag or commit. */
function isRevision(revision: string): boolean {
  return /^[\w][\w./-]*$/.test(revision) && !revision.includes('..');
}

function parseSimulated(reference: string): ArtifactReference {
  const name = reference.slice('simulated:'.length);
  if (!NAME.test(name)) throw invalid(reference);
  return { kind: 'simulated', name };
}

function invalid(reference: string): ArtifactError {
  return new ArtifactError('invalid_reference', `"${reference}" does not name an artifact; expected ${EXPECTED}.`);
}
