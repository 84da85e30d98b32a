import { getOwnersOperation } from '../modelOrChain/getOwner';

/** Lists the models of the workspace. */
export const getMany = getOwnersOperation('model');
