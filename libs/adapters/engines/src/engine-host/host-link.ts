import type { Socket } from 'node:net';
import type { HostCommand, HostMessage } from './host-protocol.js';
import { MessageSocket } from './message-socket.js';

/** The driver's end of its connection with a host. */
export class HostLink {
  /** Resolves when the host is gone and all that it said was heard. */
  readonly closed: Promise<void>;
  private readonly messages: MessageSocket<HostMessage, HostCommand[]>;
  private commands: HostCommand[] = [];

  constructor(socket: Socket) {
    this.messages = new MessageSocket(socket);
    this.closed = this.messages.closed;
  }

  /** The one listener of everything the host says. */
  onMessage(listener: (message: HostMessage) => void): void {
    this.messages.onMessage(listener);
  }

  /** Says something to the host, all of one turn together: a burst of answers begins with a few writes. */
  tell(command: HostCommand): void {
    this.commands.push(command);
    if (this.commands.length > 1) return;
    setImmediate(() => {
      const commands = this.commands;
      this.commands = [];
      this.messages.send(commands);
    });
  }

  close(): void {
    this.messages.close();
  }
}
