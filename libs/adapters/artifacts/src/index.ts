/** Where are the weights that a model names, and how do they get onto this machine? */
export { ArtifactError } from './artifact-error.js';
export type { ArtifactErrorCode } from './artifact-error.js';
export { modelNameOf, parseArtifactReference } from './artifact-reference.js';
export type { ArtifactReference } from './artifact-reference.js';
export { resolveArtifact } from './resolve-artifact.js';
export type { DownloadProgress, ResolvedArtifact, ResolveOptions } from './resolve-artifact.js';
