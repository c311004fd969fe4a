/** How do tokens travel from a runner to the API process that owns the job? */
export { serveTokenStream, type OwnerLink, type TokenStreamServer } from './owner-side.js';
export { openLink, type RunnerLink } from './runner-side.js';
