/** The events of a streamed answer; what they share is put together once for the whole process. */
export class EventText {
  private readonly head: string;
  readonly first: string;
  readonly done: string;

  constructor(model: string) {
    const shared = JSON.stringify({ id: 'chatcmpl-direct', object: 'chat.completion.chunk', created: 0, model });
    this.head = `data: ${shared.slice(0, -1)},"choices":[{"index":0,"delta":`;
    this.first = this.event('{"role":"assistant","content":""}', 'null');
    this.done = 'data: [DONE]\n\n';
  }

  /** One event for each of so many tokens, which share the text. */
  content(text: string, tokens: number): string {
    const length = Math.ceil(text.length / tokens);
    let events = '';
    for (let at = 0; at < text.length; at += length) {
      events += this.event(`{"content":${JSON.stringify(text.slice(at, at + length))}}`, 'null');
    }
    return events;
  }

  finish(reason: string): string {
    return this.event('{}', `"${reason}"`);
  }

  private event(delta: string, finishReason: string): string {
    return `${this.head}${delta},"finish_reason":${finishReason}}]}\n\n`;
  }
}
