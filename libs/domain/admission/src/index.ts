/** May this request become a job? */
export { admit, type Admission } from './admit.js';
