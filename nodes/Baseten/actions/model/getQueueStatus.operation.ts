import { queueStatusOperation } from '../modelOrChain/queueStatus';

/** Reads how many async requests of a model are queued and in progress. */
export const getQueueStatus = queueStatusOperation('model');
