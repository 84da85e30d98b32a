import { readFile } from 'node:fs/promises';

/** The schemas of Baseten's document that the nodes use by name. */
const USED = [
  'ActivateResponseV1',
  'AuditLogEventTypeGroupV1',
  'BucketWidth',
  'CancelPromotionResponseV1',
  'ChainDeploymentV1',
  'ChainDeploymentsV1',
  'ChainEnvironmentV1',
  'ChainsV1',
  'ChainV1',
  'DeactivateResponseV1',
  'DeploymentV1',
  'DeploymentsV1',
  'EnvironmentV1',
  'EnvironmentsV1',
  'GetLogsResponseV1',
  'GetModelMetricsResponseV1',
  'LogLevelV1',
  'ModelAPIV1',
  'ModelApisUsageResponseV1',
  'ModelV1',
  'ModelsV1',
  'PaginationResponseV1',
  'PromoteToChainEnvironmentRequestV1',
  'PromoteToEnvironmentRequestV1',
  'RetryDeploymentResponseV1',
  'SignalPromotionResponseV1',
  'UpdateAutoscalingSettingsResponseV1',
  'UpdateAutoscalingSettingsV1',
  'UpdateChainletEnvironmentAutoscalingSettingsRequestV1',
  'UpdateEnvironmentRequestV1',
  'UpdateEnvironmentResponseV1',
  'UsageDimensionV1',
  'UsageSummaryV1',
];

interface Document {
  openapi: string;
  info: object;
  components: { schemas: Record<string, object> };
}

/**
 * Makes the types of the management API's requests and responses from Baseten's document.
 * @param file Baseten's OpenAPI document of the management API
 * @returns the text of a TypeScript file with the schemas that the nodes use, and what those need
 * @throws if the document lacks one of them
 */
export async function managementTypes(file: string): Promise<string> {
  const { default: openapiTypescript, astToString } = await import('openapi-typescript');
  const document = JSON.parse(await readFile(file, 'utf8')) as Document;
  const { openapi, info, components } = document;
  const schemas = withoutProse(needed(components.schemas));
  const small = { openapi, info, paths: {}, components: { schemas } };
  const ast = await openapiTypescript(small as never, { alphabetize: true });
  return `${HEADER}\n${astToString(ast)}`;
}

const HEADER = `// Made by \`npm run types:management\` from Baseten's document. Don't change it by hand.
// https://docs.baseten.co/reference/management-api/overview
`;

/** The schemas that are used by name, with all that they refer to. */
function needed(schemas: Record<string, object>): Record<string, object> {
  const found: Record<string, object> = {};
  const left = [...USED];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found[name]) continue;
    const schema = schemas[name];
    if (!schema) throw new Error(`Baseten's document has no schema ${name}.`);
    found[name] = schema;
    for (const [, other = ''] of JSON.stringify(schema).matchAll(
      /"#\/components\/schemas\/(\w+)"/g,
    ))
      left.push(other);
  }
  return found;
}

/** The same without titles, descriptions and examples, which say nothing about types. */
function withoutProse<T>(schema: T): T {
  const isProse = (key: string, value: unknown) =>
    (typeof value === 'string' && (key === 'title' || key === 'description')) ||
    (key === 'examples' && Array.isArray(value));
  const text = JSON.stringify(schema, (key, value: unknown) =>
    isProse(key, value) ? undefined : value,
  );
  return JSON.parse(text) as T;
}
