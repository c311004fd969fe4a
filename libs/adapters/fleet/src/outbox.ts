/** The part of a gRPC stream that an outbox needs. */
interface Writable<Message> {
  write(message: Message): boolean;
  on(event: 'drain', listener: () => void): unknown;
}

/**
 * Writes to a stream no faster than the peer reads. Owns what waits.
 * A message with a slot replaces the one of the same slot that still waits, so that only the newest state is sent.
 */
export class Outbox<Message> {
  private readonly waiting: { message: Message; slot?: string }[] = [];
  private blocked = false;
  private closed = false;

  constructor(private readonly stream: Writable<Message>) {
    stream.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
  }

  send(message: Message): void {
    this.waiting.push({ message });
    this.flush();
  }

  sendNewest(slot: string, message: Message): void {
    const older = this.waiting.find((entry) => entry.slot === slot);
    if (older === undefined) this.waiting.push({ message, slot });
    else older.message = message;
    this.flush();
  }

  /** The stream has ended: what waits is dropped. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  private flush(): void {
    while (!this.blocked && !this.closed) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.blocked = !this.stream.write(next.message);
    }
  }
}
