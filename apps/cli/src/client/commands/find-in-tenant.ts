import { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import { inPath } from '../admin-api/admin-request.js';
import { readList } from '../admin-api/lists.js';
import { ClientError } from '../client-error.js';

const namedSchema = z.looseObject({ id: z.string(), name: z.string().nullish() });

/** Something that belongs to a tenant. */
export interface Kept {
  noun: string;
  /** How its ids begin: `key_`. */
  idPrefix: string;
  /** The path of all of them. */
  collection: string;
}

/** The path of the one that has this name or id; what looks like an id is one. */
export async function pathInTenant(
  api: AdminApi,
  { noun, idPrefix, collection }: Kept,
  nameOrId: string,
): Promise<string> {
  if (nameOrId.startsWith(idPrefix)) return `${collection}/${inPath(nameOrId)}`;
  const subject = { path: collection, entry: namedSchema, idOf: ({ id }: { id: string }) => id };
  const { body } = await readList(api, subject, { all: true });
  const [found, ...others] = body.data.filter(({ name }) => name === nameOrId);
  if (found === undefined) {
    throw new ClientError(`The tenant has no ${noun} named ${nameOrId}: the list command shows those that there are.`);
  }
  if (others.length === 0) return `${collection}/${inPath(found.id)}`;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw new ClientError(`More than one ${noun} is named ${nameOrId}: choose by the id, ${ids}.`);
}
