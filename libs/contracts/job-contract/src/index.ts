/** What does a job look like while it waits in a queue, and what do all that wait ask of the fleet? */
export { DEMAND_CHANNEL, demandReportSchema, type DemandReport, type QueueDemandPart } from './demand-report.js';
export { ticketId, ticketSchema, type Ticket } from './ticket.js';
