/** How do runners and schedulers reach each other? gRPC, both sides, and what API processes tell schedulers. */
export { watchApiDirectory } from './api-directory.js';
export { DemandReports } from './demand-reports.js';
export { watchDemand } from './demand-watch.js';
export { FleetClient } from './fleet-client.js';
export { FleetRefusedError } from './fleet-refused-error.js';
export { serveFleet, type FleetHandlers, type FleetServer, type FleetServerOptions } from './fleet-server.js';
export type { FleetStream } from './fleet-stream.js';
