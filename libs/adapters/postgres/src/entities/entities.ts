import { AgentEntity } from './agent.js';
import { ApiKeyEntity } from './api-key.js';
import { AssignmentEntity } from './assignment.js';
import { AuditEntryEntity } from './audit-entry.js';
import { DeploymentEntity } from './deployment.js';
import { DeviceReservationEntity } from './device-reservation.js';
import { DeviceEntity } from './device.js';
import { EventEntity } from './event.js';
import { FootprintEntity } from './footprint.js';
import { IdempotentAnswerEntity } from './idempotent-answer.js';
import { JoinTokenEntity } from './join-token.js';
import { LoadFailureEntity } from './load-failure.js';
import { ModelEntity } from './model.js';
import { ReplicaEntity } from './replica.js';
import { RunnerEntity } from './runner.js';
import { SchedulerDecisionEntity } from './scheduler-decision.js';
import { SchedulerLeaseEntity } from './scheduler-lease.js';
import { SchedulerSwitchEntity } from './scheduler-switch.js';
import { TenantEntity } from './tenant.js';
import { UsageRecordEntity } from './usage-record.js';
import { UsageRollupEntity } from './usage-rollup.js';

/** Every table of millrace. */
export const entities = [
  AgentEntity,
  ApiKeyEntity,
  AssignmentEntity,
  AuditEntryEntity,
  DeploymentEntity,
  DeviceEntity,
  DeviceReservationEntity,
  EventEntity,
  FootprintEntity,
  IdempotentAnswerEntity,
  JoinTokenEntity,
  LoadFailureEntity,
  ModelEntity,
  ReplicaEntity,
  RunnerEntity,
  SchedulerDecisionEntity,
  SchedulerLeaseEntity,
  SchedulerSwitchEntity,
  TenantEntity,
  UsageRecordEntity,
  UsageRollupEntity,
];
