/**
 * The Dockerfile is valid, and every resource that the kustomizations render has the fields of its kind and no other:
 * each becomes an object literal of its type, which TypeScript checks strictly.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import ts from 'typescript';
import { PlainError, reportFailure } from './plain-error.mjs';
import { renderKustomization } from './render-kustomization.mjs';

const DOCKERFILE = 'deploy/docker/Dockerfile';
const KUSTOMIZATIONS = 'deploy/kustomize';
/** It need not exist; it stands where imports find node_modules. */
const LITERALS = join(process.cwd(), 'tools', 'manifests.ts');

function problemsOfDockerfile() {
  return validate(readFileSync(DOCKERFILE, 'utf8')).map(
    ({ message, range }) => `${DOCKERFILE}:${range.start.line + 1}: ${message}`,
  );
}

async function problemsOfManifests() {
  const folders = readdirSync(KUSTOMIZATIONS).map((folder) => join(KUSTOMIZATIONS, folder));
  const rendered = await Promise.all(folders.map((folder) => renderKustomization(folder)));
  return typeProblems(rendered.flat());
}

/** `apps/v1` has its types in apps/v1, and the core's `v1` in core/v1; `.k8s.io` is not part of the path. */
function literalOf(resource, index) {
  const { apiVersion, kind } = resource;
  const path = apiVersion.includes('/') ? apiVersion.replace('.k8s.io', '') : `core/${apiVersion}`;
  const type = `import('kubernetes-types/${path}').${kind}`;
  return `export const resource${index}: ${type} = ${JSON.stringify(resource, null, 2)};\n`;
}

function typeProblems(resources) {
  const text = resources.map(literalOf).join('');
  const options = { strict: true, noEmit: true, types: [], moduleResolution: ts.ModuleResolutionKind.Bundler };
  const host = ts.createCompilerHost({ ...options, module: ts.ModuleKind.ESNext });
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (file) => file === LITERALS || fileExists(file);
  host.readFile = (file) => (file === LITERALS ? text : readFile(file));
  host.getSourceFile = (file, ...rest) =>
    file === LITERALS ? ts.createSourceFile(file, text, ts.ScriptTarget.Latest) : getSourceFile(file, ...rest);
  const program = ts.createProgram([LITERALS], { ...options, module: ts.ModuleKind.ESNext }, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText, start = 0 }) => {
    const before = text.slice(0, start);
    const { kind, metadata } = resources[before.split('export const resource').length - 2];
    const line = text.split('\n')[before.split('\n').length - 1].trim();
    return `${kind} ${metadata.name}, at ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

async function main() {
  const problems = [...problemsOfDockerfile(), ...(await problemsOfManifests())];
  if (problems.length > 0) throw new PlainError(problems.join('\n'));
}

main().catch(reportFailure);
