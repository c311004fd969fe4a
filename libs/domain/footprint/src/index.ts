/** How many bytes of a device does a replica need, and how sure is that? */
export {
  neededBytes,
  predictedBytes,
  signedError,
  type Footprint,
  type FootprintBasis,
  type FootprintBreakdown,
} from './footprint.js';
