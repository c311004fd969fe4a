/** What is remembered, whatever dies? Postgres is the truth; every store here is one subject of it. */
export { AgentStore, type AgentDraft, type AgentPreset } from './agent-store.js';
export { ApiKeyStore, type ApiKey, type ApiKeyChanges, type NewApiKey } from './api-key-store.js';
export { AuditLogStore, type AuditEntry } from './audit-log-store.js';
export type { Actor } from './audit-log.js';
export type { WriteBy, WriteOutcome } from './audited-table.js';
export { CatalogueStore, type ServedModel } from './catalogue-store.js';
export { connectPostgres } from './data-source.js';
export { DeploymentObserver, type DeploymentObservation } from './deployment-observer.js';
export { DeploymentStore, type Deployment, type DeploymentWish } from './deployment-store.js';
export { DeviceAdminStore, type ShownDevice } from './device-admin-store.js';
export { EventStore, type EventPlace, type FleetEvent } from './event-store.js';
export { FleetObserver, type ObservedFleet, type WishVersion } from './fleet-observer.js';
export { FleetReportStore, type EstimateOutcome, type RunnerReport } from './fleet-report-store.js';
export { IdempotentAnswerStore, type IdempotentCall } from './idempotent-answer-store.js';
export { JoinTokenStore, type JoinToken } from './join-token-store.js';
export { migrate, SchemaNewerError } from './migrate.js';
export { ModelStore, type CatalogueModel, type ModelSettings } from './model-store.js';
export { MonthUsageStore } from './month-usage-store.js';
export { PlanStore, type ApplyOutcome, type PlanChange, type SchedulerDecision } from './plan-store.js';
export { isOutOfReach, isUnstorableText } from './postgres-error.js';
export { ReplicaAdminStore, type OperatorDrain, type ShownReplica } from './replica-admin-store.js';
export { RunnerAdminStore, type ObservedRunner } from './runner-admin-store.js';
export { RunnerStore } from './runner-store.js';
export {
  SchedulerLogStore,
  type DecisionFilters,
  type LoggedDecision,
  type SchedulerState,
} from './scheduler-log-store.js';
export { SchedulerLeaseStore, type SchedulerTerm } from './scheduler-lease-store.js';
export { TenancyStore, type ApiKeyDraft } from './tenancy-store.js';
export { OPERATOR_TENANT_NAME, TenantStore, type Tenant } from './tenant-store.js';
export { USAGE_GROUPS, UsageReportStore, type UsageQuestion, type UsageSum } from './usage-report-store.js';
export { UsageStore, type UsageRecord } from './usage-store.js';
export type { DataSource } from 'typeorm';
