import type { Provider, Type } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { TenantStore } from '@millrace/adapters/postgres';
import { ChangeAnnouncer } from '../stores/announce-changes.js';
import { PlausibleId } from './plausible-id.js';
import { TenantsController } from './tenants.controller.js';

/** What the administration of tenants works with. */
export interface Administration {
  tenants: TenantStore;
  announcer: ChangeAnnouncer;
}

export const administrationControllers: Type[] = [TenantsController];

/** Ready-made parts for the controllers. */
export function administrationProviders({ tenants, announcer }: Administration): Provider[] {
  return [
    { provide: TenantStore, useValue: tenants },
    { provide: ChangeAnnouncer, useValue: announcer },
    { provide: APP_PIPE, useClass: PlausibleId },
  ];
}
