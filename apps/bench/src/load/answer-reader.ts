const FIRST_CONTENT = /"content":\s*"[^"]/;
const FINISHED = /"finish_reason":\s*"(length|stop)"/;
/** Room for the last events of a stream: finish reason and `[DONE]`. */
const TAIL_LENGTH = 800;

export type AnswerState = 'waiting' | 'started' | 'complete' | 'broken';

/** Reads one streamed answer off the wire as far as the bench has to know it: has it begun, and is it whole? */
export class AnswerReader {
  state: AnswerState = 'waiting';
  /** What has come before the first content. */
  private head = '';
  private tail = '';

  read(data: Buffer): AnswerState {
    const text = data.toString('latin1');
    if (this.state === 'waiting') this.readHead(text);
    this.tail = (this.tail + text).slice(-TAIL_LENGTH);
    if (this.state !== 'broken' && this.tail.endsWith('0\r\n\r\n')) {
      this.state = this.state === 'started' && isWhole(this.tail) ? 'complete' : 'broken';
    }
    return this.state;
  }

  /** For people: what came instead of an answer. */
  problem(): string {
    return (this.head === '' ? 'the connection was closed' : this.head + this.tail).slice(0, 300);
  }

  private readHead(text: string): void {
    this.head += text;
    if (!this.head.startsWith('HTTP/1.1 200'.slice(0, this.head.length))) this.state = 'broken';
    else if (FIRST_CONTENT.test(this.head)) this.state = 'started';
  }
}

function isWhole(tail: string): boolean {
  return tail.includes('data: [DONE]') && FINISHED.test(tail);
}
