import { EventEmitter } from 'node:events';
import { Outbox } from './outbox.js';

/** A stream that takes `room` messages before it asks to wait. */
class SlowStream extends EventEmitter {
  readonly written: string[] = [];
  room = 1;

  write(message: string): boolean {
    this.written.push(message);
    this.room -= 1;
    return this.room > 0;
  }

  drain(room: number): void {
    this.room = room;
    this.emit('drain');
  }
}

describe('an outbox', () => {
  it('waits while the stream is full and keeps the order', () => {
    const stream = new SlowStream();
    const outbox = new Outbox<string>(stream);
    for (const message of ['a', 'b', 'c']) outbox.send(message);
    expect(stream.written).toEqual(['a']);
    stream.drain(9);
    expect(stream.written).toEqual(['a', 'b', 'c']);
  });

  it('sends of a slot only the newest that waits', () => {
    const stream = new SlowStream();
    const outbox = new Outbox<string>(stream);
    outbox.send('a');
    for (const message of ['beat 1', 'beat 2', 'beat 3']) outbox.sendNewest('beat', message);
    outbox.send('z');
    stream.drain(9);
    expect(stream.written).toEqual(['a', 'beat 3', 'z']);
  });

  it('writes nothing after it is closed', () => {
    const stream = new SlowStream();
    const outbox = new Outbox<string>(stream);
    outbox.send('a');
    outbox.send('b');
    outbox.close();
    stream.drain(9);
    outbox.send('c');
    expect(stream.written).toEqual(['a']);
  });
});
