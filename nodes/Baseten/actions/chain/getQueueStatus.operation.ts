import { queueStatusOperation } from '../modelOrChain/queueStatus';

/** Reads how many async requests of a chain are queued and in progress. */
export const getQueueStatus = queueStatusOperation('chain');
