export { complete } from './complete.operation';
