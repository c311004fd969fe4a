/** Which methods each URL takes: tells a wrong method (405) from an unknown URL (404). Filled while routes are made. */
export class RouteTable {
  private readonly routes: { url: string; pattern: RegExp; methods: readonly string[] }[] = [];

  /** Takes note of a route in the router's syntax, where `:name` is one segment and `*` is any rest. */
  add(url: string, methods: readonly string[]): void {
    const source = url
      .split('/')
      .map((segment) => (segment === '*' ? '.+' : segment.startsWith(':') ? '[^/]+' : escape(segment)))
      .join('/');
    this.routes.push({ url, pattern: new RegExp(`^${source}/?$`), methods });
  }

  /** Every route as `METHOD /url`, in the order in which they were made. */
  all(): string[] {
    return this.routes.flatMap(({ url, methods }) => methods.map((method) => `${method} ${url}`));
  }

  /** The methods that the path takes; none when it is unknown. */
  methodsOf(path: string): string[] {
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
