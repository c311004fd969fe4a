import type { Provider, Type } from '@nestjs/common';
import { DeploymentObserver, DeploymentStore, ModelStore, type DataSource } from '@millrace/adapters/postgres';
import { DeploymentViews } from './deployment-views.js';
import { DeploymentsController } from './deployments.controller.js';
import { CatalogueController } from './models.controller.js';

export const servingControllers: Type[] = [CatalogueController, DeploymentsController];

/** Ready-made parts for the controllers of what is served. */
export function servingProviders(dataSource: DataSource): Provider[] {
  const models = new ModelStore(dataSource);
  return [
    { provide: ModelStore, useValue: models },
    { provide: DeploymentStore, useValue: new DeploymentStore(dataSource) },
    { provide: DeploymentViews, useValue: new DeploymentViews(models, new DeploymentObserver(dataSource)) },
  ];
}
