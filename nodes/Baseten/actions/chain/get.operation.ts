import { getOwnerOperation } from '../modelOrChain/getOwner';

/** Reads a chain. */
export const get = getOwnerOperation('chain');
