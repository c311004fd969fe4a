import { z } from 'zod';
import type { FleetEvent } from '@millrace/adapters/postgres';
import { nameField } from '../fields.js';
import { limitParameter } from '../list-query.js';
import { readPlace, writePlace } from './event-place.js';

/** An event as it goes over HTTP. */
export const eventSchema = z
  .object({
    id: z.string().describe('Its place; Last-Event-ID takes it.'),
    type: z
      .string()
      .describe('The kind of resource, a dot, and what became of it: `runner.cordoned`, `replica.ready`.'),
    resourceId: z.string(),
    data: z.record(z.string(), z.unknown()).describe('Ids and numbers of what happened.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Event', description: 'A change of state of the fleet or of something that is administered.' });

export type EventOnWire = z.infer<typeof eventSchema>;

const typeName = /^[a-z-]+(\.[a-z_]+)?$/;

export const eventQuery = z.strictObject({
  type: z
    .string()
    .max(1_000)
    .transform((text) => text.split(','))
    .pipe(
      z.array(z.string().regex(typeName, 'Expected types such as runner or replica.ready, with commas between them')),
    )
    .optional()
    .describe('Only events of these types, with commas between them: `runner`, `replica.ready`.'),
  resourceId: nameField.optional().describe('Only events of this resource.'),
  limit: limitParameter(1_000).optional().describe('Of a list, most entries of the answer; 20 where left out.'),
  after: z
    .string()
    .refine((text) => readPlace(text) !== undefined, 'Expected the id of an event')
    .optional()
    .describe('Of a list, id of the last entry of the part before.'),
});

export function eventOnWire({ place, createdAt, ...event }: FleetEvent): EventOnWire {
  return { id: writePlace(place), ...event, createdAt: createdAt.toISOString() };
}
