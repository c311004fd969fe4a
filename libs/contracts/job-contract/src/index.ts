/** What does a job look like while it waits in a queue? */
export { ticketId, ticketSchema, type Ticket } from './ticket.js';
