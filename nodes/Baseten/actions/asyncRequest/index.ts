export { get } from './get.operation';
export { cancel } from './cancel.operation';
