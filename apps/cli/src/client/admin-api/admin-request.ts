/** One request to the server. */
export interface AdminRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the root, like `/admin/v1/tenants`. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string | undefined>>;
}

/** What came back, whole. */
export interface AdminAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Where a request goes. */
export function requestUrl(base: string, { path, query = {} }: AdminRequest): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** A part of a path, whatever characters a name has. */
export function inPath(text: string): string {
  return encodeURIComponent(text);
}
