const secretNames = /^(?:secret|password|authorization|.*hash)$/i;
const secretTexts = /(mr-(?:operator|tenant-admin|inference|agent|join|runner)-[\w-]{5})[\w-]{27,}/g;

/** The JSON value without secrets: fields that are named like one, and our own secrets within texts. */
export function maskSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(secretTexts, '$1…');
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, secretNames.test(name) ? '…' : maskSecrets(inner)]),
  );
}
