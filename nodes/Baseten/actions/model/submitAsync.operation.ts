import { submitAsyncOperation } from '../submission';

export const submitAsync = submitAsyncOperation('model');
