import { z } from 'zod';
import { instantField, nameField, resourceFields } from '../fields.js';

/** A join token as it goes over HTTP. */
export const joinTokenSchema = z
  .object({
    ...resourceFields('jtk'),
    name: z.string().describe('Empty for the one that `npm start` makes.'),
    prefix: z.string().describe('The visible beginning of its secret.'),
    expiresAt: z.iso.datetime().nullable().describe('From when on it is refused; null is never.'),
    revoked: z.boolean().describe('Whether it is refused for good.'),
  })
  .meta({ id: 'JoinToken', description: 'Lets any number of runners join until it expires or is revoked.' });

/** A join token with its secret, which is shown this once. */
export const issuedJoinTokenSchema = z
  .object({ ...joinTokenSchema.shape, secret: z.string().describe('Shown this once; runners get it.') })
  .meta({ id: 'IssuedJoinToken' });

export type JoinTokenOnWire = z.infer<typeof joinTokenSchema>;
export type IssuedJoinToken = z.infer<typeof issuedJoinTokenSchema>;

/** Body of POST /admin/v1/join-tokens. */
export const createJoinTokenSchema = z
  .strictObject({
    name: nameField,
    expiresAt: instantField.nullable().optional().describe('From when on it is refused; null is never.'),
  })
  .meta({ id: 'JoinTokenDraft' });
