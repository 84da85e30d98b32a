import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

import type { ItemOperation } from '../../nodes/Baseten/actions/operation';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'nodes/Baseten/actions/model');
const FILE = join(FOLDER, 'get.operation.ts');

const [operation = '', line = ''] = [
  ...readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
].map(([, code]) => code);

test('the operation that the contributing guide adds compiles, with its one line', () => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.build.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    ROOT,
  );
  const index = join(FOLDER, 'index.ts');
  const changed = new Map([
    [FILE, operation],
    [index, readFileSync(index, 'utf8') + line],
  ]);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => changed.has(path) || fileExists(path);
  host.readFile = (path) => changed.get(path) ?? readFile(path);
  const program = ts.createProgram(
    [join(ROOT, 'nodes/Baseten/Baseten.node.ts')],
    { ...options, noEmit: true },
    host,
  );
  expect(program.getSourceFile(FILE)).toBeDefined();
  expect(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)).toBe('');
});

test('it does what the guide says', async () => {
  const { outputText } = ts.transpileModule(operation, {
    compilerOptions: { module: ts.ModuleKind.CommonJS },
  });
  const exported: { get?: ItemOperation } = {};
  const load = (name: string): unknown => jest.requireActual(join(dirname(FILE), name));
  new Function('exports', 'require', outputText)(exported, load);
  const asked: string[] = [];
  const items = await exported.get?.execute({
    context: { getNodeParameter: () => 'abcd1234' },
    itemIndex: 0,
    connection: { endpoints: { managementUrl: 'https://api.baseten.co' } },
    send: async ({ url }: { url: string }) => ({
      status: asked.push(url),
      headers: {},
      body: Buffer.from('{"name":"whisper"}'),
    }),
  } as never);
  expect(asked).toStrictEqual(['https://api.baseten.co/v1/models/abcd1234']);
  expect(items).toStrictEqual([{ json: { name: 'whisper' } }]);
});
