/** How do tokens travel from a runner to the API process that owns the job? */
export { serveTokenStream, type OwnerLink, type OwnerLinkHandlers, type TokenStreamServer } from './owner-side.js';
export { openLink, type RunnerLink, type RunnerLinkHandlers } from './runner-side.js';
