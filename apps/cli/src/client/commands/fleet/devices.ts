import { Option, type Command } from 'commander';
import { z } from 'zod';
import { addGroup, type Surroundings } from '../../client-command.js';
import { bytesCell, numberCell, textCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { addList, type Listed } from '../resource.js';
import { findRunner } from './runners.js';

const deviceSchema = z.looseObject({
  id: z.string(),
  runnerId: z.string(),
  runnerName: z.string().nullish(),
  deviceKey: z.string(),
  deviceType: z.string().nullish(),
  totalBytes: z.number().nullish(),
  reservedBytes: z.number().nullish(),
  measuredBytes: z.number().nullish(),
  unmanagedBytes: z.number().nullish(),
  freeBytes: z.number().nullish(),
  replicas: z.array(z.string()).nullish(),
});
type Device = z.infer<typeof deviceSchema>;

const sized = (title: string, bytesOf: (device: Device) => number | null | undefined): Column<Device> => ({
  ...{ title, align: 'right' },
  cell: (device) => bytesCell(bytesOf(device)),
});

interface DeviceScope {
  runner?: string;
  type?: string;
}

const listed: Listed<Device, DeviceScope> = {
  ...{ noun: 'device', plural: 'devices', sample: '', schema: deviceSchema },
  columns: [
    { title: 'runner', cell: (device) => textCell(device.runnerName ?? device.runnerId) },
    { title: 'device', cell: (device) => textCell(device.deviceKey) },
    { title: 'type', cell: (device) => textCell(device.deviceType) },
    sized('total', ({ totalBytes }) => totalBytes),
    sized('reserved', ({ reservedBytes }) => reservedBytes),
    sized('measured', ({ measuredBytes }) => measuredBytes),
    sized('unmanaged', ({ unmanagedBytes }) => unmanagedBytes),
    sized('free', ({ freeBytes }) => freeBytes),
    { title: 'replicas', align: 'right', cell: ({ replicas }) => numberCell(replicas?.length) },
  ],
  scopeOptions: () => [
    new Option('--runner <name or id>', 'of this runner only'),
    new Option('--type <type>', 'of this type only'),
  ],
  async collection(api, { runner, type: deviceType }) {
    const runnerId = runner === undefined ? undefined : await findRunner(api, runner);
    return { path: '/admin/v1/devices', query: { runnerId, deviceType } };
  },
};

/** `./millrace devices`. */
export function addDevices(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'devices', 'the memory of each device, and for whom it is set aside, for operators');
  addList({ group, surroundings }, listed);
}
