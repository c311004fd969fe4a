/**
 * What do runners, schedulers and API processes say to each other?
 * Generated from proto/millrace/v1 (`npm run generate`); nothing here is written by hand.
 */
export * from './generated/millrace/v1/fleet.js';
export * from './generated/millrace/v1/token_stream.js';
