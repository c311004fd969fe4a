import { z } from 'zod';

/** Channels on which API processes tell each other what they have changed in Postgres. */
export const KEYS_CHANNEL = 'mr:invalidate:keys';
/** Its messages are the id of an agent; an empty one stands for all agents. */
export const AGENTS_CHANNEL = 'mr:invalidate:agents';
/** Its messages are empty: the whole catalogue is read anew. */
export const CATALOGUE_CHANNEL = 'mr:invalidate:catalogue';

/** Some keys, or all of a tenant; neither: every key. */
export interface KeysChange {
  keyIds?: readonly string[] | undefined;
  tenantId?: string | undefined;
}

const keysChange = z.object({ keyIds: z.array(z.string()).optional(), tenantId: z.string().optional() });

/** A change of keys as it goes over Redis. */
export function writeKeysChange(change: KeysChange): string {
  return JSON.stringify(change);
}

/** What cannot be read, because it is empty or of a newer version, stands for every key. */
export function readKeysChange(message: string): KeysChange {
  try {
    return keysChange.parse(JSON.parse(message));
  } catch {
    return {};
  }
}
