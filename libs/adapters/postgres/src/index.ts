/** What is remembered, whatever dies? Postgres is the truth; every store here is one subject of it. */
export { CatalogueStore, type ServedModel, type StarterDeployment } from './catalogue-store.js';
export { connectPostgres, type ConnectOptions } from './data-source.js';
export { migrate, SchemaNewerError } from './migrate.js';
export { RunnerStore, type JoiningRunner } from './runner-store.js';
export { TenancyStore, type ApiKeyDraft, type ApiKeyKind, type ApiKeyRecord } from './tenancy-store.js';
export { UsageStore, type UsageRecord } from './usage-store.js';
