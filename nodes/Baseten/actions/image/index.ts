export { generate } from './generate.operation';
