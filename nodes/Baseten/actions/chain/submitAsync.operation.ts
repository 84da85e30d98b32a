import { submitAsyncOperation } from '../modelOrChain/submitAsync';

export const submitAsync = submitAsyncOperation('chain');
