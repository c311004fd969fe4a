/** How long may small pieces wait, so that a busy process sends many of them together? */
export { LoadPacer, type Pacer } from './load-pacer.js';
