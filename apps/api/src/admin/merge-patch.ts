type Json = Readonly<Record<string, unknown>>;

/** What a JSON merge patch (RFC 7386) makes of an object: what it does not name stays, null takes away. */
export function mergePatch(target: Json, patch: Json): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...target };
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) Reflect.deleteProperty(merged, name);
    else if (change !== undefined) merged[name] = merge(merged[name], change);
  }
  return merged;
}

function merge(value: unknown, change: unknown): unknown {
  return isObject(change) ? mergePatch(isObject(value) ? value : {}, change) : change;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
