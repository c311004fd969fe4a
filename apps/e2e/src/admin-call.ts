import type { DevFacts } from './npm-start.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Calls the admin API as an operator; throws with what it says unless it agrees. Undefined where it answers nothing. */
export async function callAdmin<Resource>(
  { baseUrl, operatorKey }: DevFacts,
  [method, path]: readonly [Method, string],
  body?: object,
): Promise<Resource> {
  const response = await fetch(`${baseUrl}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Resource;
}
