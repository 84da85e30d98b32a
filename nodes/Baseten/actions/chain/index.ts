export { get } from './get.operation';
export { getMany } from './getMany.operation';
export { getQueueStatus } from './getQueueStatus.operation';
export { run } from './run.operation';
export { submitAsync } from './submitAsync.operation';
