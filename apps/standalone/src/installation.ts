import type { Home } from './home.js';
import type { KeptPorts } from './kept-ports.js';
import type { InstallationLogs } from './log-files.js';
import type { Parts } from './parts.js';
import type { Secrets } from './secrets.js';
import type { StarterModel } from './served-model.js';
import type { Terminal } from './terminal.js';
import type { UpSettings } from './up-settings.js';

/** One millrace on one machine while it runs: what its steps need to know of each other. */
export interface Installation {
  checkout: string;
  settings: UpSettings;
  model: StarterModel;
  home: Home;
  secrets: Secrets;
  /** Of the last start in this home. */
  keptPorts: KeptPorts;
  parts: Parts;
  logs: InstallationLogs;
  terminal: Terminal;
  /** Where a fetched Redis is kept, for all homes of the checkout. */
  downloads: string;
}
