import { Foundation1795430400000 } from './1795430400000-foundation.js';

/** In order; a released migration is never edited. */
export const migrations = [Foundation1795430400000];
