/** May this request become a job? */
export { admit } from './admit.js';
