import { callOperation } from '../modelOrChain/call';

/** Runs a chain and waits for its result. */
export const run = callOperation('chain', {
  name: 'Run',
  value: 'run',
  action: 'Run a chain',
  description: 'Call a chain and wait for its answer',
});
