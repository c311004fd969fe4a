/** How do runners and schedulers reach each other? gRPC, both sides, and the directory of API processes. */
export { watchApiDirectory, type ApiDirectoryWatch } from './api-directory.js';
export { FleetClient, type FleetClientOptions, type JoinedRunner } from './fleet-client.js';
export { FleetRefusedError } from './fleet-refused-error.js';
export {
  serveFleet,
  type ConnectedRunner,
  type FleetHandlers,
  type FleetServer,
  type FleetServerOptions,
  type JoinAnswer,
} from './fleet-server.js';
export type { FleetStream, SyncOptions } from './fleet-stream.js';
