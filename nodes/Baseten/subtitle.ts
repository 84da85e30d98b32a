/** Which locators name what a node calls. */
const SUBJECT = `[
  p.resource === "chain" || (p.resource === "asyncRequest" && p.ownerType === "chain") ? p.chainId
  : p.resource === "chat" || p.resource === "embedding" ? p.model
  : p.modelId,
  p.source === "deployment" ? p.modelId : undefined
].map(named).find((name) => name)`;

/** The target, where there is one: by its own name if it has one. */
const TARGET = `(
  p.target === "environment" || p.target === "regional" ? named(p.environment)
  : p.target === "deployment" ? named(p.deploymentId)
  : p.target
)`;

/** A locator's name from its list, else its value; one that an expression gives is known only when the node runs. */
const NAMED = `(locator) => locator?.cachedResultName || (String(locator?.value).startsWith("=") ? undefined : locator?.value)`;

/** What a node does, for the canvas: `submit async: whisper · production`. `$parameter` itself gives locators without their names. */
export const SUBTITLE =
  `={{ ((p, named) => p.operation.replace(/[A-Z]/g, " $&").toLowerCase() + ": " + ([${SUBJECT}, ${TARGET}].filter((word) => word).join(" · ") || p.resource))($parameter.toJSON(), ${NAMED}) }}`.replace(
    /\s*\n\s*/g,
    ' ',
  );
