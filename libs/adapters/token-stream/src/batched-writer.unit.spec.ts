import { EventEmitter, once } from 'node:events';
import { BatchedWriter } from './batched-writer.js';

/** A stream that takes as many messages as the test allows. */
class Sink extends EventEmitter {
  readonly messages: string[][] = [];
  isFull = false;

  write({ events }: { events: string[] }): boolean {
    this.messages.push(events);
    this.emit('written');
    return !this.isFull;
  }
}

describe('a batched writer', () => {
  it('sends what comes up in one turn as one message', async () => {
    const sink = new Sink();
    const writer = new BatchedWriter<string>(sink);
    for (const event of ['a', 'b', 'c']) writer.send(event);
    await once(sink, 'written');
    expect(sink.messages).toEqual([['a', 'b', 'c']]);
  });

  it('gathers while the stream is full and goes on in order', () => {
    const sink = new Sink();
    const writer = new BatchedWriter<string>(sink);
    sink.isFull = true;
    writer.send('a');
    writer.flush();
    for (const event of ['b', 'c']) writer.send(event);
    writer.flush();
    expect(sink.messages).toEqual([['a']]);
    sink.isFull = false;
    sink.emit('drain');
    expect(sink.messages).toEqual([['a'], ['b', 'c']]);
  });

  it('gives large events a message of their own', () => {
    const sink = new Sink();
    const writer = new BatchedWriter<string>(sink, (event) => event === 'LARGE');
    for (const event of ['a', 'b', 'LARGE', 'LARGE', 'c']) writer.send(event);
    writer.flush();
    expect(sink.messages).toEqual([['a', 'b'], ['LARGE'], ['LARGE'], ['c']]);
  });
});
