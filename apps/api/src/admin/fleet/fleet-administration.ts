import type { Provider, Type } from '@nestjs/common';
import { JoinTokenStore, RunnerAdminStore, type DataSource } from '@millrace/adapters/postgres';
import { JoinTokensController, KEY_PEPPER } from './join-tokens.controller.js';
import { RunnersController } from './runners.controller.js';

export const fleetControllers: Type[] = [RunnersController, JoinTokensController];

/** Ready-made parts for the controllers of the fleet. */
export function fleetProviders({ dataSource, pepper }: { dataSource: DataSource; pepper: string }): Provider[] {
  return [
    { provide: RunnerAdminStore, useValue: new RunnerAdminStore(dataSource) },
    { provide: JoinTokenStore, useValue: new JoinTokenStore(dataSource) },
    { provide: KEY_PEPPER, useValue: pepper },
  ];
}
