export { classify } from './classify.operation';
export { create } from './create.operation';
export { rerank } from './rerank.operation';
