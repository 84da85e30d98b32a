/** What the editor says while the node waits. */
export const WAITING_TOOLTIP =
  '=Waiting for the results of Baseten. The sub-execution knows the request IDs.';
