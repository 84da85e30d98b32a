import { queueStatusOperation } from '../modelOrChain/queueStatus';

export const getQueueStatus = queueStatusOperation('model');
