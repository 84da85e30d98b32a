import { submitAsyncOperation } from '../modelOrChain/submitAsync';

/** Submits an async request to a model. */
export const submitAsync = submitAsyncOperation('model');
