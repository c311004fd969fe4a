import { Controller, Get, Query } from '@nestjs/common';
import { DeviceAdminStore, type ShownDevice } from '@millrace/adapters/postgres';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { deviceListQuery, deviceSchema, type DeviceOnWire } from './devices-schema.js';

/** /admin/v1/devices: what each has, and for whom it is set aside. For operators. */
@Access(['operator'])
@Controller('admin/v1/devices')
export class DevicesController {
  constructor(private readonly devices: DeviceAdminStore) {}

  @Get()
  @Describe({
    ...{ operationId: 'listDevices', summary: 'List devices with their memory' },
    ...{ query: deviceListQuery, answer: listOf(deviceSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<DeviceOnWire>> {
    const { limit, after, ...filters } = readQuery(query, deviceListQuery);
    return listPage(await this.devices.list(filters, { limit, after }), deviceOnWire);
  }
}

function deviceOnWire(device: ShownDevice): DeviceOnWire {
  return { ...device, observedAt: device.observedAt.toISOString() };
}
