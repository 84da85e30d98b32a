import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

const PATH = '/management/mcp';
const asking = (method: string, params: object = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method,
  params,
});

test('the MCP server greets, and offers tools that only read', async () => {
  const { post } = await startTestEmulator();
  const greeting = await post(PATH, asking('initialize', { protocolVersion: '2025-03-26' }));
  expect(greeting.json).toMatchObject({
    id: 7,
    result: { protocolVersion: '2025-03-26', capabilities: { tools: {} } },
  });
  const noted = await post(PATH, { jsonrpc: '2.0', method: 'notifications/initialized' });
  expect([noted.status, noted.text]).toStrictEqual([202, '']);
  const { tools } = (await post(PATH, asking('tools/list'))).json.result;
  expect(tools).toHaveLength(2);
  for (const tool of tools)
    expect(tool).toMatchObject({
      name: expect.stringMatching(/^list_/),
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint: true },
    });
});

test('a tool of the MCP server gives what the management API has', async () => {
  const { post, get } = await startTestEmulator();
  const called = await post(PATH, asking('tools/call', { name: 'list_deployments' }));
  const [{ text }] = called.json.result.content;
  const { deployments } = (await get(`/management/v1/models/${MODEL_IDS.echo}/deployments`)).json;
  expect(JSON.parse(text)).toStrictEqual(expect.arrayContaining(deployments));
});

test.each([
  ['a method', asking('prompts/list'), -32601],
  ['a tool', asking('tools/call', { name: 'constructor' }), -32602],
])('%s that the MCP server does not have is an error', async (_name, body, code) => {
  const { post } = await startTestEmulator();
  expect((await post(PATH, body)).json).toMatchObject({ id: 7, error: { code } });
});

test('the MCP server takes a key that may manage, and no stream', async () => {
  const { emulator, send, get } = await startTestEmulator();
  const authorization = `Bearer ${emulator.inferenceOnlyKey}`;
  expect((await send('POST', PATH, asking('ping'), { authorization })).status).toBe(403);
  expect((await get(PATH)).status).toBe(405);
});
