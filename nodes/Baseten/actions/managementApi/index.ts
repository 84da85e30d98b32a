export { callRoute } from './callRoute.operation';
