/** Expression: the name of the model, chain or Model API that a node calls. */
const SUBJECT = `[
  p.resource === "chain" || (p.resource === "asyncRequest" && p.ownerType === "chain") ? p.chainId
  : p.resource === "chat" || p.resource === "embedding" ? p.model
  : p.modelId,
  p.source === "deployment" ? p.modelId : undefined
].map(named).find((name) => name)`;

/** Expression: the environment or deployment that a node calls, or the kind of its target. */
const TARGET = `(
  p.target === "environment" || p.target === "regional" ? named(p.environment)
  : p.target === "deployment" ? named(p.deploymentId)
  : p.target
)`;

/**
 * Expression: a function that gives the name of a locator, or its value if it was not chosen from a
 * list. It gives nothing for an expression, whose value is not known before the node runs.
 */
const NAMED = `(locator) => locator?.cachedResultName || (String(locator?.value).startsWith("=") ? undefined : locator?.value)`;

/**
 * What a node does, for the canvas: `submit async: whisper · production`. It reads
 * `$parameter.toJSON()`, because `$parameter` itself does not have the names of locators.
 * @see https://docs.n8n.io/integrations/creating-nodes/build/reference/node-base-files/standard-parameters/
 */
export const SUBTITLE =
  `={{ ((p, named) => p.operation.replace(/[A-Z]/g, " $&").toLowerCase() + ": " + ([${SUBJECT}, ${TARGET}].filter((word) => word).join(" · ") || p.resource))($parameter.toJSON(), ${NAMED}) }}`
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
