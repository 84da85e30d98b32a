export { getCosts } from './getCosts.operation';
export { getTokens } from './getTokens.operation';
