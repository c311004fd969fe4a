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

  content(text: string): string {
    return this.event(`{"content":${JSON.stringify(text)}}`, 'null');
  }

  finish(reason: string): string {
    return this.event('{}', `"${reason}"`);
  }

  private event(delta: string, finishReason: string): string {
    return `${this.head}${delta},"finish_reason":${finishReason}}]}\n\n`;
  }
}
