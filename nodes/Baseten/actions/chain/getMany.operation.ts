import { getOwnersOperation } from '../modelOrChain/getOwner';

/** Lists the chains of the workspace. */
export const getMany = getOwnersOperation('chain');
