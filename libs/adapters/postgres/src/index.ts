/** What is remembered, whatever dies? Postgres is the truth; every store here is one subject of it. */
export { AgentStore } from './agent-store.js';
export { CatalogueStore, type ServedModel } from './catalogue-store.js';
export { connectPostgres } from './data-source.js';
export { FleetObserver, type ObservedFleet } from './fleet-observer.js';
export { FleetReportStore, type EstimateOutcome, type RunnerReport } from './fleet-report-store.js';
export { migrate, SchemaNewerError } from './migrate.js';
export { PlanStore, type ApplyOutcome, type SchedulerDecision } from './plan-store.js';
export { RunnerStore } from './runner-store.js';
export { SchedulerLeaseStore, type SchedulerTerm } from './scheduler-lease-store.js';
export { TenancyStore } from './tenancy-store.js';
export { UsageStore, type UsageRecord } from './usage-store.js';
export type { DataSource } from 'typeorm';
