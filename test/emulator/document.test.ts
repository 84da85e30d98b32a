import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { CHAIN_IDS, MODEL_API_SLUGS, MODEL_IDS, deploymentIdFor } from '../../emulator';
import { type Bench, bench, stopAll } from './support/testEmulator';
import { OPERATIONS, type Operation, SUBMIT_PATH, requestOperations } from './support/operations';

afterEach(stopAll);

async function allOperations({ post }: Bench): Promise<Operation[]> {
  const { json } = await post(SUBMIT_PATH, { model_input: { text: 'x' } });
  return [...OPERATIONS, ...requestOperations(json.request_id)];
}

describe('operations of the inference API', () => {
  test('there are 32', async () => {
    expect(await allOperations(await bench())).toHaveLength(32);
  });

  const rows = OPERATIONS.map((one) => [one.method, one.path, one] as const);
  test.each(rows)('%s %s is served', async (_method, _path, one) => {
    const { send } = await bench();
    expect((await send(one.method, one.path, one.body)).status).toBe(one.status);
  });
});

/** The parts of an OpenAPI document that the checks read. */
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, StatedResponse> }>>;
  components: { responses?: Record<string, StatedResponse> };
}

interface StatedResponse {
  $ref?: string;
  content?: Record<string, { schema: object }>;
  headers?: Record<string, unknown>;
}

/** Why `value` isn't what the document says of that answer; empty where it is. */
function complaints(
  document: Document,
  template: string,
  method: string,
  status: number,
  value: unknown,
): string {
  const stated = document.paths[template]?.[method.toLowerCase()]?.responses[String(status)];
  if (!stated) return `The document has no answer ${status} for ${method} ${template}.`;
  const response = stated.$ref
    ? document.components.responses![stated.$ref.split('/').at(-1)!]!
    : stated;
  const schema = response.content?.['application/json']?.schema;
  if (!schema) return '';
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  // References in the schema start at the document's root.
  const validate = ajv.compile({ ...schema, components: document.components });
  return validate(value) ? '' : ajv.errorsText(validate.errors);
}

const inferenceFile = process.env.BASETEN_OPENAPI;
if (inferenceFile) {
  describe('answers and the inference document', () => {
    const document = JSON.parse(readFileSync(inferenceFile, 'utf8')) as Document;

    test('every operation of the document is covered', async () => {
      const covered = (await allOperations(await bench())).map(
        (one) => `${one.method} ${one.template}`,
      );
      const stated = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(covered.sort()).toEqual(stated.sort());
    });

    test('successful answers are as the document says', async () => {
      const one = await bench();
      for (const { method, path, template, body } of await allOperations(one)) {
        const { status, json, headers } = await one.send(method, path, body);
        expect([path, complaints(document, template, method, status, json)]).toEqual([path, '']);
        expect(headers.get('x-baseten-request-id')).toBeTruthy();
      }
    });

    test('answers to a wrong key are as the document says', async () => {
      const one = await bench();
      for (const { method, path, template, body } of await allOperations(one)) {
        const { status, json } = await one.send(method, path, body, {
          authorization: 'Bearer wrong',
        });
        expect([path, status, complaints(document, template, method, status, json)]).toEqual([
          path,
          401,
          '',
        ]);
      }
    });
  });
}

const managementFile = process.env.BASETEN_MANAGEMENT_OPENAPI;
if (managementFile) {
  describe('answers and the management document', () => {
    const document = JSON.parse(readFileSync(managementFile, 'utf8')) as Document;
    const [model, chain] = [MODEL_IDS.echo, CHAIN_IDS.echo];
    const slug = encodeURIComponent(MODEL_API_SLUGS.chat);

    test.each([
      ['/v1/models', '/v1/models'],
      ['/v1/models/{model_id}', `/v1/models/${model}`],
      ['/v1/models/{model_id}/deployments', `/v1/models/${model}/deployments`],
      [
        '/v1/models/{model_id}/deployments/development',
        `/v1/models/${model}/deployments/development`,
      ],
      [
        '/v1/models/{model_id}/deployments/production',
        `/v1/models/${model}/deployments/production`,
      ],
      [
        '/v1/models/{model_id}/deployments/{deployment_id}',
        `/v1/models/${model}/deployments/${deploymentIdFor(model, 'staging')}`,
      ],
      ['/v1/models/{model_id}/environments', `/v1/models/${model}/environments`],
      ['/v1/models/{model_id}/environments/{env_name}', `/v1/models/${model}/environments/staging`],
      ['/v1/chains', '/v1/chains'],
      ['/v1/chains/{chain_id}', `/v1/chains/${chain}`],
      ['/v1/chains/{chain_id}/deployments', `/v1/chains/${chain}/deployments`],
      [
        '/v1/chains/{chain_id}/deployments/{chain_deployment_id}',
        `/v1/chains/${chain}/deployments/${deploymentIdFor(chain, 'production')}`,
      ],
      ['/v1/chains/{chain_id}/environments', `/v1/chains/${chain}/environments`],
      [
        '/v1/chains/{chain_id}/environments/{env_name}',
        `/v1/chains/${chain}/environments/production`,
      ],
      ['/v1/model_apis', '/v1/model_apis?limit=2'],
      ['/v1/model_apis/{model_api_name}', `/v1/model_apis/${slug}`],
      ['/v1/users/me', '/v1/users/me'],
    ])('GET %s is as the document says', async (template, path) => {
      const { get } = await bench();
      const { status, json } = await get(`/management${path}`);
      expect([status, complaints(document, template, 'GET', status, json)]).toEqual([200, '']);
    });
  });
}
