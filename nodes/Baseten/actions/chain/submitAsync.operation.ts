import { submitAsyncOperation } from '../modelOrChain/submitAsync';

/** Submits an async request to a chain. */
export const submitAsync = submitAsyncOperation('chain');
