/** Where do tickets wait, and how does a runner take one? The only lib that knows BullMQ. */
export { TicketQueues } from './ticket-queues.js';
export { TicketTaker, type TakenTicket } from './ticket-taker.js';
