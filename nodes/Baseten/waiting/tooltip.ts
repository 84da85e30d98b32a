/** The ID of the model or chain that the node is set to, as an expression. */
const OWNER =
  '($parameter["resource"] === "chain" ? $parameter["chainId"] : $parameter["modelId"])';

/**
 * What the editor says while the node waits. The item beside it says since when, and the
 * sub-execution knows the request IDs: this execution slept before anything was submitted.
 */
export const WAITING_TOOLTIP = `=Waiting for the results of {{ $parameter["resource"] === "chain" ? "chain" : "model" }} {{ ${OWNER}["value"] }} from Baseten. The sub-execution that keeps watch over them knows the request IDs.`;
