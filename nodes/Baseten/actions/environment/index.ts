export { get } from './get.operation';
export { getMany } from './getMany.operation';
export { controlPromotion } from './controlPromotion.operation';
export { getMetrics } from './getMetrics.operation';
