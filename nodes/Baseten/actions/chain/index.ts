export { getQueueStatus } from './getQueueStatus.operation';
export { run } from './run.operation';
export { submitAsync } from './submitAsync.operation';
