import type { AnswerEvent } from './answer-event.js';

/** Collects what answers say and sends all of one turn of the event loop together. */
export class Outbox {
  private events: AnswerEvent[] = [];
  private scheduled = false;

  constructor(private readonly send: (events: AnswerEvent[]) => void) {}

  add(event: AnswerEvent): void {
    this.events.push(event);
    this.showWork();
  }

  /** Sends something this turn, even if it is empty. */
  showWork(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    const events = this.events;
    this.events = [];
    this.scheduled = false;
    this.send(events);
  }
}
