/**
 * What `kubectl apply -k` would send: the resources of a kustomization with its namespace and images.
 * Knows the fields that the folders below deploy/kustomize use, and refuses any other.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { PlainError } from './plain-error.mjs';

const FIELDS = new Set(['apiVersion', 'kind', 'namespace', 'resources', 'images']);

/** Throws PlainError for what it does not know or cannot parse. */
export async function renderKustomization(folder) {
  const wish = parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8'));
  const unknown = Object.keys(wish).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) {
    throw new PlainError(`${folder}: "${unknown}" is not rendered here: add it to tools/render-kustomization.mjs.`);
  }
  const texts = await Promise.all(wish.resources.map((file) => readFile(join(folder, file), 'utf8')));
  const resources = texts.flatMap((text, index) => documentsOf(text, join(folder, wish.resources[index])));
  return resources.map((resource) => withImages(inNamespace(resource, wish.namespace), wish.images ?? []));
}

function documentsOf(text, file) {
  const documents = parseAllDocuments(text);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new PlainError(`${file}: ${error.message}`);
  return documents.map((document) => document.toJS());
}

function inNamespace(resource, namespace) {
  return { ...resource, metadata: { ...resource.metadata, namespace } };
}

function withImages(resource, images) {
  return JSON.parse(JSON.stringify(resource), (key, value) => {
    const wanted = key === 'image' ? images.find(({ name }) => name === value) : undefined;
    return wanted === undefined ? value : `${wanted.newName ?? wanted.name}:${wanted.newTag}`;
  });
}
