import type { Provider, Type } from '@nestjs/common';
import {
  DeviceAdminStore,
  JoinTokenStore,
  ReplicaAdminStore,
  RunnerAdminStore,
  type DataSource,
} from '@millrace/adapters/postgres';
import { DevicesController } from './devices.controller.js';
import { JoinTokensController, KEY_PEPPER } from './join-tokens.controller.js';
import { ReplicasController } from './replicas.controller.js';
import { RunnersController } from './runners.controller.js';

export const fleetControllers: Type[] = [
  RunnersController,
  JoinTokensController,
  ReplicasController,
  DevicesController,
];

/** Ready-made parts for the controllers of the fleet. */
export function fleetProviders({ dataSource, pepper }: { dataSource: DataSource; pepper: string }): Provider[] {
  return [
    { provide: RunnerAdminStore, useValue: new RunnerAdminStore(dataSource) },
    { provide: ReplicaAdminStore, useValue: new ReplicaAdminStore(dataSource) },
    { provide: DeviceAdminStore, useValue: new DeviceAdminStore(dataSource) },
    { provide: JoinTokenStore, useValue: new JoinTokenStore(dataSource) },
    { provide: KEY_PEPPER, useValue: pepper },
  ];
}
