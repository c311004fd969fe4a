/** Where are the weights that a model names, and how do they get onto this machine? */
export { modelNameOf, parseArtifactReference } from './artifact-reference.js';
export { resolveArtifact } from './resolve-artifact.js';
export { isCheckpoint, readCheckpoint } from './read-checkpoint.js';
export { withHeader } from './with-header.js';
