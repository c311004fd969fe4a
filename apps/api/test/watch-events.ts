/** A server-sent event as it came in. */
export interface Heard {
  id: string;
  type: string;
  resourceId: string;
  data: Record<string, unknown>;
}

/** Somebody who watches. */
export interface EventWatch {
  status: number;
  /** Of the last event, or where the stream began. */
  lastEventId: string;
  /** The next events; waits for as many. */
  next(count: number): Promise<Heard[]>;
  /** Resolves when the server has ended the stream. */
  ended: Promise<void>;
  leave(): void;
}

/** Watches /admin/v1/events; resolves once the stream has begun. */
export async function watchEvents(
  url: string,
  { key, lastEventId }: { key: string; lastEventId?: string },
): Promise<EventWatch> {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${key}`, ...(lastEventId && { 'last-event-id': lastEventId }) };
  const response = await fetch(url, { headers, signal: leaving.signal });
  const heard: Heard[] = [];
  let wake = (): void => undefined;
  const watch: EventWatch = {
    status: response.status,
    lastEventId: '',
    next: async (count) => {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return heard.splice(0, count);
    },
    ended: Promise.resolve(),
    leave: () => leaving.abort(),
  };
  let begun = (): void => undefined;
  const beginning = new Promise<void>((resolve) => (begun = resolve));
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (typeof fields['id'] === 'string') watch.lastEventId = fields['id'];
        if (fields['event'] === 'begin') continue;
        if (fields['event'] === 'gap') heard.push({ id: '', type: 'gap', resourceId: '', data: {} });
        else if (typeof fields['data'] === 'string') heard.push(JSON.parse(fields['data']) as Heard);
      }
      begun();
      wake();
    }
  };
  watch.ended = read().catch(() => undefined);
  if (response.ok) await beginning;
  return watch;
}
