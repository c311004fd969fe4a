import { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import { inPath } from '../admin-api/admin-request.js';
import { readList } from '../admin-api/lists.js';
import { ClientError } from '../client-error.js';

const identifiedSchema = z.looseObject({ id: z.string() });

/** What is looked for. */
export interface Kept {
  noun: string;
  /** The path of all of them. */
  collection: string;
  /** The filter that finds it. */
  query: Readonly<Record<string, string>>;
}

/** The path of the only one that a filter finds. */
export async function onlyOne(api: AdminApi, { noun, collection, query }: Kept): Promise<string> {
  const wanted = Object.values(query).join(' ');
  const subject = { path: collection, query, entry: identifiedSchema, idOf: ({ id }: { id: string }) => id };
  const { body } = await readList(api, subject, {});
  const [found, ...others] = body.data;
  if (found === undefined) {
    throw new ClientError(`There is no ${noun} ${wanted}: the list command shows those that there are.`);
  }
  if (others.length === 0) return `${collection}/${inPath(found.id)}`;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw new ClientError(`More than one ${noun} is named ${wanted}: choose by the id, ${ids}.`);
}
