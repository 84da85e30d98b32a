export { controlPromotion } from './controlPromotion.operation';
export { get } from './get.operation';
export { getMany } from './getMany.operation';
export { getMetrics } from './getMetrics.operation';
