export { callRoute } from './callRoute.operation';
export { get } from './get.operation';
export { getMany } from './getMany.operation';
export { getQueueStatus } from './getQueueStatus.operation';
export { predict } from './predict.operation';
export { submitAsync } from './submitAsync.operation';
export { wake } from './wake.operation';
