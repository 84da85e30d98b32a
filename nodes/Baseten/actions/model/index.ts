export { callRoute } from './callRoute.operation';
export { getQueueStatus } from './getQueueStatus.operation';
export { predict } from './predict.operation';
export { submitAsync } from './submitAsync.operation';
export { wake } from './wake.operation';
