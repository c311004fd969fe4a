import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { addClientCommand } from '../../client-command.js';
import { bytesCell, numberCell, textCell } from '../../output/cells.js';
import { asLines } from '../../output/show.js';
import { tableOf, type Column } from '../../output/table.js';
import { post } from '../change.js';
import type { Place } from '../resource.js';
import { placeOf, placeOptions, type PlaceOptions } from './wish-options.js';

const footprintSchema = z.looseObject({
  deviceType: z.string(),
  deviceCount: z.number(),
  basis: z.string().nullish(),
  weightsBytes: z.number(),
  kvBytes: z.number(),
  needBytes: z.number(),
  contextLength: z.number(),
  slots: z.number(),
  failure: z.string().nullish(),
});
type Footprint = z.infer<typeof footprintSchema>;

const deviceSchema = z.looseObject({
  runner: z.string(),
  deviceKey: z.string(),
  deviceType: z.string(),
  totalBytes: z.number(),
  freeBytes: z.number(),
  fits: z.string(),
  needBytes: z.number().nullish(),
  message: z.string().nullish(),
});
type Device = z.infer<typeof deviceSchema>;

const evaluationSchema = z.looseObject({
  message: z.string(),
  footprints: z.array(footprintSchema),
  devices: z.array(deviceSchema),
  unnamedDevices: z.number(),
});

const FOOTPRINT: Column<Footprint>[] = [
  { title: 'device type', cell: ({ deviceType, deviceCount }) => textCell(`${deviceType} × ${String(deviceCount)}`) },
  { title: 'weights', align: 'right', cell: ({ weightsBytes }) => bytesCell(weightsBytes) },
  { title: 'kv', align: 'right', cell: ({ kvBytes }) => bytesCell(kvBytes) },
  { title: 'needs', align: 'right', cell: ({ needBytes }) => bytesCell(needBytes) },
  { title: 'context', align: 'right', cell: ({ contextLength }) => numberCell(contextLength) },
  { title: 'slots', align: 'right', cell: ({ slots }) => numberCell(slots) },
  { title: 'by', cell: ({ basis, failure }) => textCell(failure ?? basis) },
];

const DEVICE: Column<Device>[] = [
  { title: 'runner', cell: ({ runner }) => textCell(runner) },
  { title: 'device', cell: ({ deviceKey }) => textCell(deviceKey) },
  { title: 'type', cell: ({ deviceType }) => textCell(deviceType) },
  { title: 'total', align: 'right', cell: ({ totalBytes }) => bytesCell(totalBytes) },
  { title: 'free', align: 'right', cell: ({ freeBytes }) => bytesCell(freeBytes) },
  { title: 'fits', cell: ({ fits }) => textCell(fits.replace('_', ' ')) },
  { title: 'why not now', cell: ({ message }) => textCell(message) },
];

/** `evaluate`. */
export function addEvaluate(
  { group, surroundings }: Place,
  find: (api: AdminApi, nameOrId: string) => Promise<string>,
): void {
  addClientCommand<PlaceOptions>(group, surroundings, {
    usage: 'evaluate <model>',
    summary: 'show where a replica of a model could stand, and why not elsewhere; nothing is done',
    examples: ['models evaluate qwen3-8b', 'models evaluate qwen3-8b --context-length 32768 --device-type L4'],
    options: placeOptions(),
    async run({ api, terminal, json }, options, [nameOrId = '']) {
      const path = `${await find(api, nameOrId)}/evaluate`;
      const { text, body } = await api.receive(post(path, placeOf(options), {}), evaluationSchema);
      if (json) return terminal.print(asLines(text));
      terminal.print(`${textCell(body.message)}\n`);
      if (body.footprints.length > 0) terminal.print(`\n${tableOf(FOOTPRINT, body.footprints)}`);
      if (body.devices.length > 0) terminal.print(`\n${tableOf(DEVICE, body.devices)}`);
      if (body.unnamedDevices > 0) terminal.note(`${numberCell(body.unnamedDevices)} further devices are not shown.`);
    },
  });
}
