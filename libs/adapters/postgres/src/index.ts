/** What is remembered, whatever dies? Postgres is the truth; every store here is one subject of it. */
export { AgentStore, type AgentDraft, type AgentPreset } from './agent-store.js';
export { ApiKeyStore, type ApiKey, type ApiKeyFilters, type NewApiKey, type StoredSecret } from './api-key-store.js';
export { AuditLogStore, type AuditEntry } from './audit-log-store.js';
export { recordChange, type Actor, type RecordedChange } from './audit-log.js';
export { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
export { CatalogueStore, type ServedModel } from './catalogue-store.js';
export { connectPostgres } from './data-source.js';
export { FleetObserver, type ObservedFleet } from './fleet-observer.js';
export { FleetReportStore, type EstimateOutcome, type RunnerReport } from './fleet-report-store.js';
export { IdempotentAnswerStore, type IdempotentCall } from './idempotent-answer-store.js';
export type { LimitSettings } from './limit-settings.js';
export { migrate, SchemaNewerError } from './migrate.js';
export { MonthUsageStore } from './month-usage-store.js';
export type { Page, PageWish } from './newest-first.js';
export { PlanStore, type ApplyOutcome, type SchedulerDecision } from './plan-store.js';
export { isOutOfReach, isUnstorableText } from './postgres-error.js';
export { RunnerStore } from './runner-store.js';
export { SchedulerLeaseStore, type SchedulerTerm } from './scheduler-lease-store.js';
export { TenancyStore } from './tenancy-store.js';
export {
  OPERATOR_TENANT_NAME,
  TenantStore,
  type Tenant,
  type TenantChanges,
  type TenantDraft,
} from './tenant-store.js';
export { USAGE_GROUPS, UsageReportStore, type UsageQuestion, type UsageSum } from './usage-report-store.js';
export { UsageStore, type UsageRecord } from './usage-store.js';
export type { DataSource } from 'typeorm';
