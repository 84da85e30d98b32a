import { queueStatusOperation } from '../queueStatus';

export const getQueueStatus = queueStatusOperation('model');
