import { callOperation } from '../modelOrChain/call';

export const run = callOperation('chain', {
  name: 'Run',
  value: 'run',
  action: 'Run a chain',
  description: 'Call a chain and wait for its answer',
});
