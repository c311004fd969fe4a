import { Foundation1795430400000 } from './1795430400000-foundation.js';
import { PerRunner1795611600000 } from './1795611600000-per-runner.js';
import { DeploymentDeadlines1795613400000 } from './1795613400000-deployment-deadlines.js';
import { Tenancy1795968000000 } from './1795968000000-tenancy.js';
import { Fleet1796054400000 } from './1796054400000-fleet.js';

/** In order; a released migration is never edited. */
export const migrations = [
  Foundation1795430400000,
  PerRunner1795611600000,
  DeploymentDeadlines1795613400000,
  Tenancy1795968000000,
  Fleet1796054400000,
];
