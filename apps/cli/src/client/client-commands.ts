import type { Command } from 'commander';
import type { Surroundings } from './client-command.js';
import { addAgents } from './commands/agents.js';
import { addApiKeys } from './commands/api-keys.js';
import { addAuditLog } from './commands/audit-log.js';
import { addDevices } from './commands/fleet/devices.js';
import { addEvents } from './commands/fleet/events.js';
import { addJoinTokens } from './commands/fleet/join-tokens.js';
import { addJobs } from './commands/fleet/jobs.js';
import { addReplicas } from './commands/fleet/replicas.js';
import { addRunners } from './commands/fleet/runners.js';
import { addMe } from './commands/me.js';
import { addProfiles } from './commands/profiles.js';
import { addQueues } from './commands/queues.js';
import { addDeployments } from './commands/serving/deployments.js';
import { addModels } from './commands/serving/models.js';
import { addScheduler } from './commands/serving/scheduler.js';
import { addTenants } from './commands/tenants.js';
import { addUsage } from './commands/usage.js';

/** The commands that speak to a running millrace over its admin API. */
export function addClientCommands(program: Command, surroundings: Surroundings): void {
  program.commandsGroup('Commands for a running millrace, here or elsewhere:');
  const adds = [
    ...[addTenants, addApiKeys, addAgents, addUsage, addAuditLog],
    ...[addModels, addDeployments, addScheduler, addQueues, addJobs],
    ...[addRunners, addJoinTokens, addReplicas, addDevices, addEvents],
    ...[addMe, addProfiles],
  ];
  for (const add of adds) add(program, surroundings);
}
