import { callOperation } from '../modelOrChain/call';

export const predict = callOperation('model', {
  name: 'Predict',
  value: 'predict',
  action: 'Predict with a model',
  description: 'Call a model and wait for its answer',
});
