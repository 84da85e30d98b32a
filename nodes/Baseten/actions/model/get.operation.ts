import { getOwnerOperation } from '../modelOrChain/getOwner';

/** Reads a model. */
export const get = getOwnerOperation('model');
