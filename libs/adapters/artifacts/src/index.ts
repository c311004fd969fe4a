/** Where are the weights that a model names, and how do they get onto this machine? */
export { hubFileUrl, modelNameOf, parseArtifactReference, type HubReference } from './artifact-reference.js';
export { resolveArtifact } from './resolve-artifact.js';
