import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { file } from 'tmp-promise';
import { CHAIN_IDS, MODEL_API_SLUGS, MODEL_IDS, deploymentIdFor } from '../../emulator';
import { ApiDocument } from '../support/apiDocument';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { OPERATIONS, type Operation, SUBMIT_PATH, requestOperations } from './support/operations';

afterEach(stopAll);

async function allOperations({ post }: TestEmulator): Promise<Operation[]> {
  const { json } = await post(SUBMIT_PATH, { model_input: { text: 'x' } });
  return [...OPERATIONS, ...requestOperations(json.request_id)];
}

describe('the operations of the inference API', () => {
  test('are 32', async () => {
    expect(await allOperations(await startTestEmulator())).toHaveLength(32);
  });

  const rows = OPERATIONS.map(
    (operation) => [operation.method, operation.path, operation] as const,
  );
  test.each(rows)('%s %s is served', async (_method, _path, operation) => {
    const { send } = await startTestEmulator();
    const { method, path, body, status } = operation;
    expect((await send(method, path, body)).status).toBe(status);
  });
});

const inferenceFile = process.env.BASETEN_OPENAPI;
if (inferenceFile) {
  describe('responses and the inference document', () => {
    const document = new ApiDocument(inferenceFile);

    test('every operation of the document is covered', async () => {
      const covered = (await allOperations(await startTestEmulator())).map(
        ({ method, template }) => `${method} ${template}`,
      );
      const stated = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(covered.sort()).toEqual(stated.sort());
    });

    test('successful responses are as the document says', async () => {
      const local = await startTestEmulator();
      for (const { method, path, template, body } of await allOperations(local)) {
        const { status, json, headers } = await local.send(method, path, body);
        expect([path, document.ofResponse({ template, method, status, json })]).toEqual([path, '']);
        expect(headers.get('x-baseten-request-id')).toBeTruthy();
      }
    });

    test('responses to a wrong key are as the document says', async () => {
      const local = await startTestEmulator();
      for (const { method, path, template, body } of await allOperations(local)) {
        const { status, json } = await local.send(method, path, body, {
          authorization: 'Bearer wrong',
        });
        expect([path, status, document.ofResponse({ template, method, status, json })]).toEqual([
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
  describe('responses and the management document', () => {
    const document = new ApiDocument(managementFile);
    const [model, chain] = [MODEL_IDS.echo, CHAIN_IDS.echo];
    const slug = encodeURIComponent(MODEL_API_SLUGS.chat);
    const [staging, chainStaging] = [
      deploymentIdFor(model, 'staging'),
      deploymentIdFor(chain, 'staging'),
    ];

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
      [
        '/v1/models/{model_id}/deployments/{deployment_id}/config',
        `/v1/models/${model}/deployments/${deploymentIdFor(model, 'staging')}/config`,
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
      [
        '/v1/models/{model_id}/deployments/{deployment_id}/logs',
        `/v1/models/${model}/deployments/${staging}/logs?limit=5&direction=asc`,
      ],
      [
        '/v1/chains/{chain_id}/deployments/{chain_deployment_id}/chainlets/{chainlet_id}/logs',
        `/v1/chains/${chain}/deployments/${chainStaging}/chainlets/${chainStaging}c1/logs`,
      ],
      [
        '/v1/models/{model_id}/deployments/{deployment_id}/metrics',
        `/v1/models/${model}/deployments/${staging}/metrics?mode=SERIES`,
      ],
      [
        '/v1/models/{model_id}/environments/{env_name}/metrics',
        `/v1/models/${model}/environments/staging/metrics`,
      ],
      [
        '/v1/billing/usage_summary',
        '/v1/billing/usage_summary?start_date=2026-01-01T00:00:00Z&end_date=2026-01-31T00:00:00Z',
      ],
      [
        '/v1/model_apis/usage',
        '/v1/model_apis/usage?start_time=2026-01-01T00:00:00Z&group_by=api_key&group_by=model',
      ],
      ['/v1/audit_logs', '/v1/audit_logs?limit=5'],
      ['/v1/model_apis', '/v1/model_apis?limit=2'],
      ['/v1/model_apis/{model_api_name}', `/v1/model_apis/${slug}`],
      ['/v1/users/me', '/v1/users/me'],
    ])('GET %s is as the document says', async (template, path) => {
      const { get } = await startTestEmulator();
      const { status, json } = await get(`/management${path}`);
      const response = { template, method: 'GET', status, json };
      expect([status, document.ofResponse(response)]).toEqual([200, '']);
    });

    const ofModel = '/v1/models/{model_id}';
    const ofChain = '/v1/chains/{chain_id}';
    const promotion = { deployment_id: deploymentIdFor(model, 'development') };
    const scaled = { min_replica: 1, max_replica: 2 };
    const asTheEnvironment = {
      autoscaling_window: null,
      scale_down_delay: null,
      concurrency_target: null,
      target_utilization_percentage: null,
      target_in_flight_tokens: null,
      max_scale_down_rate: null,
    };
    const schedule = {
      name: 'always',
      enabled: true,
      cadence: 'HOURLY',
      weekdays: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'],
      start_minute: 0,
      end_minute: 60,
      autoscaling_settings: { ...scaled, ...asTheEnvironment },
    };
    const scheduled = { timezone: 'Europe/Berlin', schedules: [schedule] };
    test.each([
      ['POST', `${ofModel}/deployments/{deployment_id}/deactivate`, undefined],
      ['POST', `${ofModel}/deployments/{deployment_id}/activate`, undefined],
      ['POST', `${ofModel}/deployments/{deployment_id}/retry`, undefined],
      ['POST', `${ofModel}/environments/{env_name}/promote`, promotion],
      ['POST', `${ofModel}/environments/{env_name}/pause_promotion`, undefined],
      ['POST', `${ofModel}/environments/{env_name}/cancel_promotion`, undefined],
      ['PATCH', `${ofModel}/environments/{env_name}`, { autoscaling_settings: scaled }],
      ['PATCH', `${ofModel}/environments/{env_name}`, { autoscaling_schedule_settings: scheduled }],
      ['PATCH', `${ofModel}/deployments/development/autoscaling_settings`, scaled],
      ['POST', `${ofChain}/deployments/{chain_deployment_id}/deactivate`, undefined],
      [
        'PATCH',
        `${ofChain}/environments/{env_name}/chainlet_settings/autoscaling_settings`,
        { updates: [{ chainlet_name: 'Entrypoint', autoscaling_settings: scaled }] },
      ],
    ])('%s %s is as the document says', async (method, template, body) => {
      const local = await startTestEmulator();
      const path = template
        .replace('{model_id}', model)
        .replace('{chain_id}', chain)
        .replace('{deployment_id}', staging)
        .replace('{chain_deployment_id}', chainStaging)
        .replace('{env_name}', 'staging');
      if (template.endsWith('_promotion')) {
        const start = `/management${ofModel.replace('{model_id}', model)}/environments/staging/promote`;
        await local.send('POST', start, promotion);
      }
      const { status, json } = await local.send(method, `/management${path}`, body);
      const response = { template, method, status, json };
      expect([status, document.ofResponse(response)]).toEqual([200, '']);
      const environment = `/management/v1/models/${model}/environments/staging`;
      const after = { ...(await local.get(environment)), method: 'GET' };
      expect(
        document.ofResponse({ ...after, template: `${ofModel}/environments/{env_name}` }),
      ).toBe('');
      const { items } = (await local.get('/management/v1/audit_logs')).json;
      const log = { status: 200, json: { items, pagination: { has_more: false, cursor: null } } };
      expect(document.ofResponse({ ...log, method: 'GET', template: '/v1/audit_logs' })).toBe('');
    });

    test('the types of the nodes are those of the document', async () => {
      const { path, cleanup } = await file({ postfix: '.ts' });
      const root = resolve(__dirname, '../..');
      await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', 'host/documents/main.ts', managementFile, path],
        { cwd: root },
      );
      const made = readFileSync(path, 'utf8');
      await cleanup();
      expect(made).toBe(readFileSync(resolve(root, 'nodes/shared/management/openapi.ts'), 'utf8'));
    });
  });
}
