import { callOperation } from '../modelOrChain/call';

/** Calls a model and waits for its prediction. */
export const predict = callOperation('model', {
  name: 'Predict',
  value: 'predict',
  action: 'Predict with a model',
  description: 'Call a model and wait for its answer',
});
