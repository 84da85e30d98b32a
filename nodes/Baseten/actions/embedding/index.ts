export { create } from './create.operation';
export { rerank } from './rerank.operation';
export { classify } from './classify.operation';
