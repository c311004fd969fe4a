/** Classes and codes of Postgres that mean: not now, as opposed to: not like this. */
const awayCodes =
  /^(?:08...|53...|57P0.|57014|25006|40001|40P01|E(?:CONN|TIMEDOUT|PIPE|HOST|NET|AI_AGAIN|NOTFOUND).*)$/;
const awayMessages = /connection terminated|timeout exceeded when trying to connect|query read timeout|not connected/i;
const unstorableCodes: ReadonlySet<string> = new Set(['22021', '22P05']);

/** Whether Postgres was away, busy or frozen when this was thrown, so that the same call may succeed later. */
export function isOutOfReach(error: unknown): boolean {
  const code = codeOf(error);
  return (code !== undefined && awayCodes.test(code)) || awayMessages.test(messageOf(error));
}

/** Whether Postgres refused a text that it cannot hold, one with a NUL character for example. */
export function isUnstorableText(error: unknown): boolean {
  return unstorableCodes.has(codeOf(error) ?? '');
}

/** The name of the constraint that a statement would have broken, if that is what was thrown. */
export function brokenConstraint(error: unknown): string | undefined {
  const constraint = fieldOf(error, 'constraint');
  return codeOf(error)?.startsWith('23') === true && typeof constraint === 'string' ? constraint : undefined;
}

function codeOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** TypeORM wraps what pg throws and copies its fields. */
function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
