import type { Provider, Type } from '@nestjs/common';
import {
  DeviceAdminStore,
  EventStore,
  JoinTokenStore,
  ReplicaAdminStore,
  RunnerAdminStore,
  type DataSource,
} from '@millrace/adapters/postgres';
import { EventFeed } from '../events/event-feed.js';
import { EventsController } from '../events/events.controller.js';
import { DevicesController } from './devices.controller.js';
import { JoinTokensController, KEY_PEPPER } from './join-tokens.controller.js';
import { ReplicasController } from './replicas.controller.js';
import { RunnersController } from './runners.controller.js';

export const fleetControllers: Type[] = [
  RunnersController,
  JoinTokensController,
  ReplicasController,
  DevicesController,
  EventsController,
];

/** What the administration of the fleet works with. */
export interface FleetAdministration {
  dataSource: DataSource;
  /** The secret that join tokens are hashed with. */
  pepper: string;
  events: EventFeed;
}

/** Ready-made parts for the controllers of the fleet. */
export function fleetProviders({ dataSource, pepper, events }: FleetAdministration): Provider[] {
  return [
    { provide: RunnerAdminStore, useValue: new RunnerAdminStore(dataSource) },
    { provide: ReplicaAdminStore, useValue: new ReplicaAdminStore(dataSource) },
    { provide: DeviceAdminStore, useValue: new DeviceAdminStore(dataSource) },
    { provide: JoinTokenStore, useValue: new JoinTokenStore(dataSource) },
    { provide: EventStore, useValue: new EventStore(dataSource) },
    { provide: EventFeed, useValue: events },
    { provide: KEY_PEPPER, useValue: pepper },
  ];
}
