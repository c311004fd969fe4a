import type { Provider, Type } from '@nestjs/common';
import {
  DeploymentObserver,
  DeploymentStore,
  FleetObserver,
  ModelStore,
  SchedulerLogStore,
  type DataSource,
} from '@millrace/adapters/postgres';
import { DeploymentViews } from './deployment-views.js';
import { DeploymentsController } from './deployments.controller.js';
import { FleetDryRun, type Scheduling } from './fleet-dry-run.js';
import { CatalogueController } from './models.controller.js';
import { SchedulerController } from './scheduler.controller.js';

export const servingControllers: Type[] = [CatalogueController, DeploymentsController, SchedulerController];

/** Ready-made parts for the controllers of what is served. */
export function servingProviders(dataSource: DataSource, scheduling: Scheduling): Provider[] {
  const models = new ModelStore(dataSource);
  return [
    { provide: ModelStore, useValue: models },
    { provide: DeploymentStore, useValue: new DeploymentStore(dataSource) },
    { provide: SchedulerLogStore, useValue: new SchedulerLogStore(dataSource) },
    { provide: FleetDryRun, useValue: new FleetDryRun(new FleetObserver(dataSource), scheduling) },
    { provide: DeploymentViews, useValue: new DeploymentViews(models, new DeploymentObserver(dataSource)) },
  ];
}
